"""Short texts written for the tests: each topic of the house, and each way the province's name misleads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A text, whether it is relevant, and the topics it must have; ``own``: from a paper of the province."""

    name: str
    relevant: bool
    title: str
    lead: str = ""
    body: str = ""
    topics: tuple[str, ...] = ()
    own: bool = False


RELEVANT = [
    Case(
        "industry",
        True,
        "Sản xuất công nghiệp Thái Nguyên tăng 8,1%",
        "Chỉ số sản xuất công nghiệp chín tháng của tỉnh tăng nhờ điện tử và kim loại.",
        topics=("cong-nghiep",),
    ),
    Case(
        "park",
        True,
        "Khởi công hạ tầng KCN Sông Công II giai đoạn 2",
        "Khu công nghiệp rộng 300 ha ở Thái Nguyên dự kiến đón nhà đầu tư từ cuối năm sau.",
        topics=("khu-cong-nghiep",),
    ),
    Case(
        "cluster",
        True,
        "Cụm công nghiệp Sơn Cẩm 1 có thêm ba nhà máy",
        "Ba doanh nghiệp may và cơ khí thuê đất tại cụm công nghiệp ở Thái Nguyên.",
        topics=("khu-cong-nghiep",),
    ),
    Case(
        "fdi",
        True,
        "Vốn FDI vào Thái Nguyên vượt kế hoạch năm",
        "Tỉnh cấp mới 24 dự án đầu tư trực tiếp nước ngoài trong mười tháng.",
        topics=("fdi",),
    ),
    Case(
        "employer alone",
        True,
        "SEVT tuyển thêm 2.000 lao động cho dây chuyền mới",
        "Nhà máy mở thêm hai chuyền lắp ráp điện thoại.",
        topics=("fdi",),
    ),
    Case(
        "employer and province",
        True,
        "Samsung mở rộng nhà máy ở Phổ Yên",
        "Nhà máy Samsung tại Thái Nguyên bổ sung dây chuyền sản xuất linh kiện.",
        topics=("fdi",),
    ),
    Case("steel", True, "TISCO chạy lại lò cao số 2", "Sản lượng phôi thép quý này dự kiến tăng 12%."),
    Case(
        "mine",
        True,
        "Núi Pháo công bố kế hoạch khai thác vonfram năm tới",
        "Mỏ đa kim ở huyện Đại Từ, Thái Nguyên giữ sản lượng 3,5 triệu tấn quặng.",
        topics=("fdi",),
    ),
    Case(
        "garment",
        True,
        "TNG nhận đủ đơn hàng đến quý II",
        "Doanh nghiệp dệt may lớn nhất Thái Nguyên tuyển thêm công nhân cho nhà máy Đại Từ.",
        topics=("cong-nghiep",),
    ),
    Case(
        "digital government",
        True,
        "Thái Nguyên đưa 98% dịch vụ công trực tuyến lên toàn trình",
        "Kho dữ liệu dùng chung giúp người dân không phải nộp lại giấy tờ.",
        topics=("chinh-quyen-so",),
    ),
    Case(
        "digital transformation",
        True,
        "Chuyển đổi số ở vùng cao Võ Nhai",
        "Tổ công nghệ số cộng đồng của huyện Võ Nhai, Thái Nguyên đến từng xóm dạy cài VNeID.",
        topics=("chinh-quyen-so",),
    ),
    Case(
        "data centre",
        True,
        "Trung tâm dữ liệu tỉnh Thái Nguyên vận hành nền tảng giám sát mới",
        "Trung tâm điều hành thông minh theo dõi 40 chỉ số mỗi ngày.",
        topics=("chinh-quyen-so",),
    ),
    Case(
        "digital economy",
        True,
        "Kinh tế số chiếm 30% GRDP Thái Nguyên",
        "Doanh nghiệp công nghệ số của tỉnh tăng 14% trong một năm.",
        topics=("kinh-te-so",),
    ),
    Case(
        "e-commerce",
        True,
        "Hợp tác xã ở Thái Nguyên bán hàng trên sàn thương mại điện tử",
        "Mã QR truy xuất nguồn gốc giúp sản phẩm lên sàn thương mại điện tử, thanh toán không dùng tiền mặt.",
        topics=("kinh-te-so",),
    ),
    Case(
        "science",
        True,
        "Đại học Thái Nguyên chuyển giao công nghệ cho 12 doanh nghiệp",
        "Các nhóm nghiên cứu chuyển giao công nghệ sấy và đổi mới sáng tạo quy trình.",
        topics=("khcn",),
    ),
    Case(
        "innovation",
        True,
        "Ngày hội đổi mới sáng tạo tại Thái Nguyên",
        "Bốn mươi dự án khởi nghiệp sáng tạo gọi vốn; sinh viên ICTU trình diễn trí tuệ nhân tạo.",
        topics=("khcn",),
    ),
    Case(
        "a part of a national article",
        True,
        "Ba dự án thép chậm tiến độ",
        "Bộ chủ quản rà soát các dự án chậm nhiều năm.",
        "Nhiều dự án phải tính lại vốn.\nDự án mở rộng nhà máy Gang thép Thái Nguyên dừng từ lâu, "
        "thiết bị luyện kim nằm ngoài trời.\nTISCO đã đàm phán với nhà thầu để khởi động lại lò luyện thép.\n"
        "Đến nay công ty Gang thép Thái Nguyên vẫn trả lãi vay hằng tháng cho nhà máy chưa chạy.\n"
        "Dự án ở các nơi khác cũng phải báo cáo.",
    ),
    Case(
        "FDI in a list of two",
        True,
        "Thái Nguyên và Bắc Ninh dẫn đầu thu hút FDI",
        "Hai tỉnh chiếm một phần ba vốn đầu tư nước ngoài cả nước.",
        topics=("fdi",),
    ),
    Case(
        "a case against a factory's managers",
        True,
        "Khởi tố nguyên giám đốc dự án Gang thép Thái Nguyên",
        "Sai phạm xảy ra khi mở rộng nhà máy luyện kim giai đoạn 2.",
    ),
    Case(
        "pollution by a plant",
        True,
        "Kiểm tra nước thải khu công nghiệp Điềm Thụy",
        "Sở ngành Thái Nguyên lấy mẫu nước thải của hai nhà máy trong khu công nghiệp.",
    ),
    Case(
        "a paper of the province says «tỉnh»",
        True,
        "Toàn tỉnh hoàn thành số hóa hồ sơ đất đai",
        "Chuyển đổi số giúp UBND tỉnh rút ngắn thời gian giải quyết hồ sơ.",
        topics=("chinh-quyen-so",),
        own=True,
    ),
    Case(
        "a new ward in a paper of the province",
        True,
        "Phường Bách Quang vận động doanh nghiệp dùng hóa đơn điện tử",
        "Kinh tế số của phường Bách Quang tăng nhờ 300 hộ kinh doanh thanh toán không dùng tiền mặt.",
        own=True,
    ),
]

IRRELEVANT = [
    Case(
        "Taiyuan",
        False,
        "Nhà máy thép ở Thái Nguyên cắt giảm sản lượng",
        "Thành phố Thái Nguyên, tỉnh Sơn Tây, yêu cầu các nhà máy thép giảm công suất vì ô nhiễm.",
    ),
    Case(
        "Taiyuan in brackets",
        False,
        "Khu công nghiệp robot tại Thái Nguyên (Trung Quốc)",
        "Công nghiệp sản xuất robot phát triển nhanh.",
    ),
    Case(
        "a person",
        False,
        "Ca sĩ Thái Nguyên ra mắt sản phẩm ứng dụng trí tuệ nhân tạo",
        "Anh Nguyễn Thái Nguyên dùng công nghệ số để dựng hình.",
    ),
    Case(
        "a street elsewhere",
        False,
        "Cháy xưởng may trên đường Thái Nguyên, Nha Trang",
        "Xưởng sản xuất ở phố Thái Nguyên bốc cháy, nhà máy bên cạnh dừng chạy.",
    ),
    Case(
        "the expressway",
        False,
        "Xe chở linh kiện cho nhà máy lật trên cao tốc Hà Nội - Thái Nguyên",
        "Cao tốc Hà Nội – Thái Nguyên ùn tắc ba giờ vì tai nạn.",
    ),
    Case(
        "a road between two places",
        False,
        "Đường Thái Nguyên - Chợ Mới sạt lở",
        "Nhà đầu tư và nhà thầu khắc phục tuyến Thái Nguyên - Chợ Mới.",
    ),
    Case(
        "a list of provinces",
        False,
        "Nhà mạng mở rộng 5G tại nhiều tỉnh",
        "Dịch vụ viễn thông 5G có mặt ở Hà Nội, Bắc Ninh, Thái Nguyên, Vĩnh Phúc và Đồng Nai.",
    ),
    Case(
        "in passing",
        False,
        "Xử lý 12 dự án thua lỗ của ngành công thương",
        "Bộ chủ quản báo cáo phương án.",
        "Ba nhà máy đạm có lãi trở lại.\nNhà máy sợi vẫn dừng.\nDanh sách còn có dự án gang thép Thái Nguyên.\n"
        "Nhà máy đóng tàu đang bán tài sản.",
    ),
    Case(
        "flood",
        False,
        "Thái Nguyên ngập sâu sau bão",
        "Mưa lớn khiến hàng nghìn nhà ngập, lực lượng cứu hộ đưa dân ra khỏi vùng lũ.",
    ),
    Case(
        "crime",
        False,
        "Bắt nhóm trộm cắp tài sản tại Thái Nguyên",
        "Nhóm nghi phạm gây ra mười vụ trộm trong khu trọ công nhân.",
    ),
    Case(
        "loan fraud online",
        False,
        "Triệt phá nhóm lừa đảo vay tiền qua ứng dụng ở Thái Nguyên",
        "Nhóm này chiếm đoạt tiền của nhiều sinh viên.",
    ),
    Case(
        "accident at a wall",
        False,
        "Tường xưởng sập ở Thái Nguyên, ba người chết",
        "Tai nạn khiến ba thợ xây tử vong.",
    ),
    Case(
        "football",
        False,
        "Thái Nguyên T&T thắng Than KSVN ở vòng hai",
        "Trận đấu của giải bóng đá nữ vô địch quốc gia kết thúc với tỷ số 2-1.",
    ),
    Case(
        "a stadium",
        False,
        "Tuyển Việt Nam đá giao hữu trên sân Thái Nguyên",
        "Vé được bán qua mã QR và thanh toán không dùng tiền mặt.",
    ),
    Case(
        "property advertising",
        False,
        "Mở bán khu đô thị giáp khu công nghiệp Yên Bình, Phổ Yên",
        "Căn hộ và shophouse Thái Nguyên hưởng lợi từ Samsung, vốn FDI.",
        "Dự án có 200 lô đất liền kề.\nChung cư có hồ bơi.\nKhu đô thị nằm ở vị trí đắc địa.\n"
        "Sổ đỏ trao tay từng căn hộ.\nShophouse mặt tiền rộng.\nBất động sản Phổ Yên còn tăng giá.",
    ),
    Case(
        "social housing",
        False,
        "Thái Nguyên khởi công hai dự án nhà ở xã hội",
        "Tổng vốn hơn 2.000 tỷ đồng, gồm 1.500 căn hộ.",
    ),
    Case(
        "weather table",
        False,
        "Dự báo thời tiết 18/11: Bắc Bộ rét",
        "Thái Nguyên, Bắc Giang, Phú Thọ có mưa nhỏ.",
    ),
    Case("lottery", False, "Kết quả xổ số hôm nay", "Thái Nguyên, Hà Nội và Bắc Ninh cùng quay số."),
    Case(
        "where someone comes from",
        False,
        "Công nhân quê Thái Nguyên được tuyên dương tại Bình Dương",
        "Chị làm tại nhà máy giày ở khu công nghiệp Sóng Thần, Bình Dương.",
    ),
    Case(
        "tea",
        False,
        "Mẹo pha chè Thái Nguyên đúng cách",
        "Nước 85 độ C giữ hương chè.",
    ),
    Case(
        "another province's Samsung",
        False,
        "Samsung Display mở rộng nhà máy tại Bắc Ninh",
        "Bắc Ninh cấp phép thêm 1,2 tỷ USD cho Samsung.",
        "Khu công nghiệp Yên Phong đón thêm xưởng.\nSamsung còn nhà máy ở Thái Nguyên.\n"
        "Bắc Ninh hỗ trợ đào tạo.",
    ),
    Case(
        "industry elsewhere",
        False,
        "Khu công nghiệp ở Nghệ An đón dự án FDI",
        "Nhà máy linh kiện điện tử được cấp phép tại Nghệ An.",
    ),
    Case(
        "an office opens",
        False,
        "Ban Bí thư chuẩn y Phó bí thư Tỉnh ủy Thái Nguyên",
        "Hội nghị công bố quyết định điều động cán bộ.",
    ),
    Case(
        "exam scores",
        False,
        "Điểm chuẩn Đại học Thái Nguyên năm nay",
        "Ngành Sư phạm Toán có điểm chuẩn cao nhất.",
    ),
    Case(
        "charity by an employer",
        False,
        "Samsung tổ chức hiến máu tại Thái Nguyên",
        "Chương trình hiến máu tình nguyện và trao tặng học bổng cho học sinh.",
    ),
    Case(
        "a paper of the province on another one",
        False,
        "Bắc Ninh khởi công khu công nghiệp mới",
        "Bắc Ninh dành 300 ha cho khu công nghiệp của tỉnh.",
        own=True,
    ),
]

CASES = [*RELEVANT, *IRRELEVANT]
