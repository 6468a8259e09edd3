"""``/phan-hoi`` Sổ phản hồi: what needs an answer, as a list, a form, and files to take away."""
