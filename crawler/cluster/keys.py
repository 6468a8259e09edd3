"""What the keys on the broker are called; all begin with ``diemtin:``."""

JOBS = "diemtin:jobs"  # stream: crawls for workers
HOME = "diemtin:home"  # stream: what comes home to the keeper
UNREAD = "diemtin:unread"  # stream: pages of bulk work, for any worker
WORKERS = "workers"  # the group that reads JOBS and UNREAD
KEEPER = "keeper"  # the group that reads HOME
KEEPER_RELEASE = "diemtin:keeper"  # the release of the keeper
KEEPER_HOME = "diemtin:keeper_home"  # whose keeper it is: one broker, one home
REGISTER = "diemtin:workers"  # hash: what each worker says of itself
BROKER_START = "diemtin:broker"  # the start of the broker (its run_id) that gave out hosts last
STALLS = "diemtin:stalls"  # counter: how often a worker had to wait for the keeper


def waiting_job(source: str) -> str:
    """Where stands which job of a source waits or is under way."""
    return f"diemtin:job:{source}"


def held_job(job: str) -> str:
    """Hash: who holds a job (``claim``), which ``run`` it has, and how its first ``call`` was answered."""
    return f"diemtin:held:{job}"


def result_of(job: str) -> str:
    """The row of the run of a job that is over."""
    return f"diemtin:result:{job}"


def reply_to(call: str) -> str:
    """List: the answer to a call, once."""
    return f"diemtin:reply:{call}"


def batch(batch: str) -> str:
    """There while somebody waits for the pages of a bulk work."""
    return f"diemtin:batch:{batch}"


def results_of(batch: str) -> str:
    """List: pages of a bulk work that were read."""
    return f"diemtin:read:{batch}"


def config_of(mark: str) -> str:
    """A config, by its mark."""
    return f"diemtin:config:{mark}"


def at_hand(source: str) -> str:
    """Set: what the worker of a source is reading now."""
    return f"diemtin:at_hand:{source}"
