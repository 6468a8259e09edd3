"""The words of logging in and of the public's excerpts, in Vietnamese and in English."""

ACCESS_WORDS: dict[str, tuple[str, str]] = {
    "login.title": ("Đăng nhập", "Log in"),
    "login.password": ("Mật khẩu của kho tin", "Password of the archive"),
    "login.go": ("Vào kho tin", "Log in"),
    "login.out": ("Đăng xuất", "Log out"),
    "login.wrong": ("Mật khẩu không đúng. Thử lại.", "Wrong password. Try again."),
    "login.wait": (
        "Đã gõ sai quá nhiều lần. Chờ 15 phút rồi thử lại.",
        "Too many wrong passwords. Wait 15 minutes, then try again.",
    ),
    "login.feeds": (
        "Trình đọc tin (Atom) đăng nhập bằng tên bất kỳ và mật khẩu này.",
        "Feed readers (Atom) log in with any name and this password.",
    ),
    "article.excerpt": (
        "Đây là phần trích; toàn văn ở báo đã đăng.",
        "This is an excerpt; the outlet has the full text.",
    ),
    "foot.public": (
        "Trang công khai chỉ trích hai câu của mỗi bài; chữ và ảnh thuộc về các báo.",
        "This public site quotes two sentences of each article; texts and pictures belong to the outlets.",
    ),
}
