"""Titles and leads written for the tests, as newspapers write them: relevant, and only seeming so."""

HEADLINES: list[tuple[bool, str, str]] = [
    (
        True,
        "Nổ lò luyện thép ở Thái Nguyên, 5 công nhân bị thương",
        "Vụ nổ xảy ra tại nhà máy luyện thép ở phường Cam Giá, TP Thái Nguyên.",
    ),
    (
        True,
        "Hàng nghìn công nhân Khu công nghiệp Điềm Thụy ngừng việc",
        "Công nhân một công ty Hàn Quốc ở Thái Nguyên ngừng việc tập thể đòi thưởng Tết.",
    ),
    (
        True,
        "Bắt giám đốc khai thác than trái phép ở Thái Nguyên",
        "Công an khởi tố ông chủ công ty khai thác khoáng sản tại huyện Đại Từ.",
    ),
    (False, "Bắt đối tượng đánh bạc ở Thái Nguyên", "Công an thành phố Thái Nguyên bắt 12 người đánh bạc."),
    (True, "Thái Nguyên lọt top 10 chỉ số chuyển đổi số", "Tỉnh xếp thứ 8 về DTI."),
    (
        True,
        "Thủ tướng dự lễ khởi công nhà máy tại Thái Nguyên",
        "Nhà máy sản xuất chip 1 tỷ USD đặt tại Phổ Yên.",
    ),
    (False, "Thủ tướng thăm bà con vùng lũ Thái Nguyên", "Thủ tướng yêu cầu hỗ trợ người dân bị ngập."),
    (
        True,
        "Doanh thu TNG tăng 20%",
        "Công ty cổ phần Đầu tư và Thương mại TNG (Thái Nguyên) lãi 200 tỷ đồng nhờ đơn hàng may mặc.",
    ),
    (True, "Samsung Thái Nguyên thưởng Tết", "Mức thưởng cao nhất của Samsung Thái Nguyên là 3 tháng lương."),
    (
        False,
        "Nữ công nhân Samsung bị sát hại ở Thái Nguyên",
        "Nạn nhân là công nhân nhà máy Samsung, bị bạn trai đâm chết tại phòng trọ ở Phổ Yên.",
    ),
    (
        False,
        "Xe chở công nhân Samsung lật ở Thái Nguyên, 20 người bị thương",
        "Xe khách chở công nhân gặp tai nạn trên quốc lộ 3.",
    ),
    (
        False,
        "Giá đất Phổ Yên tăng nóng nhờ Samsung",
        "Bất động sản Phổ Yên, Thái Nguyên sôi động quanh khu công nghiệp, nhiều lô đất nền sang tay.",
    ),
    (True, "Thái Nguyên: 228 dự án FDI với 11 tỷ USD", ""),
    (
        False,
        "Lịch cúp điện Thái Nguyên ngày 12/5",
        "Khu công nghiệp Sông Công, KCN Điềm Thụy, phường Tân Lập mất điện.",
    ),
    (True, "Ra mắt ứng dụng C-ThaiNguyen phiên bản mới", ""),
    (True, "Thái Nguyên đào tạo 5.000 kỹ sư bán dẫn", "Đại học Thái Nguyên mở ngành thiết kế vi mạch."),
    (
        False,
        "Đại học Thái Nguyên có hiệu trưởng mới",
        "Bộ Giáo dục bổ nhiệm hiệu trưởng Trường Đại học Sư phạm.",
    ),
    (False, "Thái Nguyên công bố điểm thi vào lớp 10", ""),
    (False, "Ông Vương Quốc Tuấn làm Chủ tịch UBND tỉnh Thái Nguyên", ""),
    (
        True,
        "Bộ trưởng làm việc với Thái Nguyên về Nghị quyết 57",
        "Buổi làm việc về khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số.",
    ),
    (False, "Festival Trà Thái Nguyên khai mạc", "Lễ hội tôn vinh chè Thái Nguyên."),
    (
        True,
        "Hơn 1.000 hộ dân Phú Bình nhường đất cho khu công nghiệp",
        "Huyện Phú Bình (Thái Nguyên) giải phóng mặt bằng 600 ha.",
    ),
    (False, "Bệnh viện Trung ương Thái Nguyên ghép thận thành công", ""),
    (
        True,
        "Bệnh viện A Thái Nguyên triển khai bệnh án điện tử",
        "Chuyển đổi số y tế giúp người bệnh không chờ lâu.",
    ),
    (False, "Thái Nguyên có thêm đường 42 mét kết nối cao tốc", "Tuyến đường 700 tỷ đồng thông xe."),
    (
        True,
        "Mưa lũ làm nhà máy ở KCN Sông Công II dừng sản xuất",
        "Nhiều doanh nghiệp trong khu công nghiệp ở Thái Nguyên ngập xưởng, thiệt hại hàng chục tỷ đồng.",
    ),
    (False, "Thái Nguyên kích cầu du lịch hồ Núi Cốc", ""),
    (True, "Hoà Phát muốn đầu tư nhà máy tại Thái Nguyên", ""),
    (False, "Giá heo hơi hôm nay tại Thái Nguyên tăng 1.000 đồng", ""),
    (
        True,
        "Ngành thuế Thái Nguyên phủ hóa đơn điện tử",
        "100% doanh nghiệp dùng hóa đơn điện tử từ máy tính tiền.",
    ),
    (False, "Cảnh báo lừa đảo qua mạng giả danh công an Thái Nguyên", ""),
    (True, "Thái Nguyên ra mắt trợ lý ảo cho cán bộ xã", ""),
    (
        False,
        "Vụ tai nạn lao động ở Thái Nguyên: 2 người tử vong",
        "Hai thợ xây rơi từ tầng 5 một công trình nhà ở.",
    ),
    (True, "Tỉnh Thái Nguyên mời gọi doanh nghiệp Hàn Quốc", "Hội nghị xúc tiến đầu tư tổ chức tại Seoul."),
    (
        True,
        "Xử phạt công ty xả thải ra sông Cầu",
        "Nhà máy giấy ở Thái Nguyên bị phạt 1,2 tỷ đồng vì xả nước thải vượt chuẩn.",
    ),
    (True, "Trina Solar rót thêm 400 triệu USD vào Thái Nguyên", ""),
    (False, "U19 nữ Thái Nguyên vô địch", ""),
    (True, "GRDP Thái Nguyên quý I tăng 7,5%", "Công nghiệp - xây dựng tiếp tục là động lực tăng trưởng."),
    (
        False,
        "Phó Thủ tướng dự ngày hội đại đoàn kết tại Thái Nguyên",
        (
            "Phó Thủ tướng chung vui với bà con xóm Khuôn Nanh.\n"
            "Bà con trong xóm đã thoát nghèo.\n"
            "Các hộ trồng rừng, chăn nuôi trâu bò."
        ),
    ),
    (
        False,
        "Hà Nội đề xuất mở rộng đường vành đai",
        (
            "Thành phố đề xuất tuyến nối với Bắc Ninh.\n"
            "Tuyến đường sẽ giúp các khu công nghiệp ở Thái Nguyên thuận lợi.\n"
            "Tổng mức đầu tư 8.000 tỷ đồng."
        ),
    ),
    (
        False,
        "10 tỉnh có thu nhập công nhân cao nhất",
        (
            "Bình Dương dẫn đầu về thu nhập bình quân.\n"
            "Đồng Nai đứng thứ hai.\n"
            "Thái Nguyên đứng thứ chín nhờ các nhà máy điện tử.\n"
            "Bắc Ninh đứng thứ ba."
        ),
    ),
    (
        True,
        "Bộ Công Thương lấy ý kiến phát triển công nghiệp hỗ trợ",
        (
            "Hội thảo diễn ra ngày 5/6 tại TP Thái Nguyên.\n"
            "Đại diện Samsung nêu nhu cầu tìm nhà cung cấp trong nước.\n"
            "Nhiều doanh nghiệp cơ khí Thái Nguyên tham dự."
        ),
    ),
    (
        False,
        "Cô gái Thái Nguyên đăng quang hoa hậu",
        "Người đẹp sinh năm 2003 đang là sinh viên.\nCô từng làm cộng tác viên cho công ty công nghệ.",
    ),
    (False, "Khai mạc giải chạy bán marathon Thái Nguyên", "Hơn 5.000 vận động viên đăng ký trực tuyến."),
    (
        True,
        "Ngân hàng siết nợ nhà máy xi măng ở Thái Nguyên",
        "Nhà máy xi măng nợ 900 tỷ đồng, dừng lò từ tháng 3.",
    ),
    (
        False,
        "Nhiều chi nhánh ngân hàng ở Thái Nguyên đổi tên",
        "Ngân hàng thông báo đổi tên ba phòng giao dịch.",
    ),
    (
        True,
        "Thanh tra Chính phủ kết luận việc cấp phép khai thác khoáng sản ở Thái Nguyên",
        "Nhiều mỏ quặng được cấp phép không qua đấu giá.",
    ),
    (
        False,
        "Khởi tố nguyên chủ tịch xã ở Thái Nguyên vì sai phạm đất đai",
        "Ông này bị cáo buộc giao đất trái thẩm quyền.",
    ),
    (
        True,
        "Chủ tịch tập đoàn Hàn Quốc khảo sát đầu tư tại Thái Nguyên",
        "Tập đoàn dự kiến xây nhà máy pin 300 triệu USD.",
    ),
    (False, "Không khí lạnh tràn về, Thái Nguyên rét đậm", "Nhiệt độ thấp nhất 8 độ."),
    (
        True,
        "Nhiều xã ở Thái Nguyên phủ sóng 4G, 5G",
        "Viễn thông phủ sóng các xóm vùng lõm, phục vụ chuyển đổi số.",
    ),
    (
        False,
        "Nhóm sinh viên Thái Nguyên dựng video giả bằng AI để lừa đảo",
        "Công an bắt nhóm lừa đảo chiếm đoạt 2 tỷ đồng.",
    ),
    (
        True,
        "Sinh viên Thái Nguyên giành giải thưởng nghiên cứu khoa học",
        "Nhóm sinh viên ICTU chế tạo robot cứu hộ.",
    ),
    (False, "Hai sinh viên Thái Nguyên trả lại ví tiền", ""),
    (
        False,
        "Quảng Ninh, Thái Nguyên, Bắc Giang thi đua cải cách",
        "Các tỉnh công bố chỉ số năng lực cạnh tranh cấp sở.\nQuảng Ninh dẫn đầu PCI.\nBắc Giang tăng 5 bậc.",
    ),
    (True, "Thái Nguyên tăng 8 bậc PCI", "Chỉ số năng lực cạnh tranh của tỉnh đạt 66 điểm."),
    (False, "Tỉnh Sơn Tây đóng cửa nhà máy cốc ở Thái Nguyên", "Chính quyền Trung Quốc yêu cầu giảm ô nhiễm."),
    (
        True,
        "Nhà máy nước sạch 500 tỷ cho KCN Sông Công",
        "Dự án cấp nước cho các khu công nghiệp phía nam Thái Nguyên.",
    ),
    (False, "Khởi công cầu Bến Tượng, Thái Nguyên", "Cây cầu bắc qua sông Cầu dài 300 m."),
    (
        True,
        "Xuất khẩu điện thoại giảm, Thái Nguyên hụt thu",
        "Kim ngạch xuất khẩu 6 tháng của Thái Nguyên giảm 10% do Samsung giảm sản lượng.",
    ),
    (
        False,
        "Truy tìm chủ xe tông chết người ở Phổ Yên, Thái Nguyên",
        "Xe tải bỏ chạy khỏi hiện trường gần KCN Yên Bình.",
    ),
    (
        True,
        "Bắc Kạn, Thái Nguyên sau hợp nhất: dư địa cho công nghiệp",
        "Thái Nguyên mới có 12 khu công nghiệp.",
    ),
    (False, "Bắc Kạn trồng dong riềng", "Miến dong Bắc Kạn được giá."),
    (True, "Nông dân Thái Nguyên livestream bán chè", "HTX đưa chè lên sàn thương mại điện tử, thu 5 tỷ đồng."),
    (False, "Chè Thái Nguyên được giá dịp Tết", "Giá chè đinh 3 triệu đồng/kg."),
    (True, "Cục Thuế Thái Nguyên thu ngân sách từ doanh nghiệp FDI", "Khối FDI đóng góp 40% số thu."),
    (False, "Thưởng Tết Thái Nguyên: giáo viên được 500.000 đồng", ""),
]
