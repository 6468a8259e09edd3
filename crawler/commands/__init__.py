"""The commands of ``diemtin``, one module each; imports are late, so that each answers at once."""
