"""Change config files as a careful hand would: one value, the reader's checks, the version before kept."""

from archive.config_edit.files import OURS_ALONE, ChangedMeanwhile, ConfigFile, open_config, save_config
from archive.config_edit.surgery import Uneditable, edited

__all__ = ["OURS_ALONE", "ChangedMeanwhile", "ConfigFile", "Uneditable", "edited", "open_config", "save_config"]
