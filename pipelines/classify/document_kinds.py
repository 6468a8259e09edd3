"""How documents are abbreviated: kinds, issuers, and short forms that need no issuer."""

KINDS = {
    "NQ": "Nghị quyết", "QĐ": "Quyết định", "NĐ": "Nghị định", "CT": "Chỉ thị", "KL": "Kết luận",
    "KH": "Kế hoạch",
    "TT": "Thông tư", "TTLT": "Thông tư liên tịch", "TTr": "Tờ trình", "CTr": "Chương trình",
    "CTHĐ": "Chương trình hành động",
    "ĐA": "Đề án", "TB": "Thông báo", "CV": "Công văn", "HD": "Hướng dẫn", "BC": "Báo cáo", "QĐi": "Quy định",
    "QyĐ": "Quy định",
    "CĐ": "Công điện", "PL": "Pháp lệnh", "L": "Luật", "QC": "Quy chế", "VBHN": "Văn bản hợp nhất",
}  # fmt: skip
ISSUERS = {
    "TW": "Trung ương Đảng", "TU": "Tỉnh ủy", "UBND": "Ủy ban nhân dân", "HĐND": "Hội đồng nhân dân",
    "CP": "Chính phủ",
    "TTg": "Thủ tướng Chính phủ", "QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội", "BCĐ": "Ban Chỉ đạo",
    "CTN": "Chủ tịch nước", "BCT": "Bộ Công Thương", "BTC": "Bộ Tài chính", "BXD": "Bộ Xây dựng",
    "BNV": "Bộ Nội vụ",
    "BCA": "Bộ Công an", "BKHCN": "Bộ Khoa học và Công nghệ", "BTTTT": "Bộ Thông tin và Truyền thông",
    "BGDĐT": "Bộ Giáo dục và Đào tạo", "BYT": "Bộ Y tế", "BTNMT": "Bộ Tài nguyên và Môi trường",
    "BTP": "Bộ Tư pháp",
    "BKHĐT": "Bộ Kế hoạch và Đầu tư", "BGTVT": "Bộ Giao thông vận tải", "NHNN": "Ngân hàng Nhà nước",
    "VPCP": "Văn phòng Chính phủ",
    "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn", "BLĐTBXH": "Bộ Lao động - Thương binh và Xã hội",
    "BQP": "Bộ Quốc phòng", "BNG": "Bộ Ngoại giao", "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch",
}  # fmt: skip
KIND_FORMS = {form.upper(): form for form in KINDS}
ISSUER_FORMS = {form.upper(): form for form in ISSUERS}
# A short form without its issuer, as papers write it everywhere.
KNOWN = {
    ("Nghị quyết", 57): "57-NQ/TW", ("Nghị quyết", 52): "52-NQ/TW", ("Kết luận", 14): "14-KL/TW",
    ("Đề án", 6): "06/QĐ-TTg",
}  # fmt: skip
