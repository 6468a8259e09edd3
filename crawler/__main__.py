"""``python -m crawler`` is ``diemtin``."""

from crawler.cli import main

if __name__ == "__main__":
    main()
