"""Launcher are real processes: limited in time and number, ended politely, killed when they do not listen."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive import workers
from crawler.service import launcher
from crawler.service.launcher import Finished, Launcher

Install = Callable[[str], Launcher]
HEAD = """
import os, pathlib, signal, sys, time
def ready(): pathlib.Path(f'ready-{os.getpid()}').touch()
"""


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A suite begun in the background of a shell ignores interrupts, and so would the children it starts."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes ``python -m crawler`` the given program, in which ``ready()`` tells that it runs."""

    def install(program: str) -> Launcher:
        (tmp_path / "crawler").mkdir()
        (tmp_path / "crawler" / "__init__.py").touch()
        (tmp_path / "crawler" / "__main__.py").write_text(HEAD + textwrap.dedent(program), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(workers, "CODE", tmp_path)
        return Launcher(tmp_path / "home")

    return install


async def readied(some: Launcher, count: int = 1) -> list[int]:
    """The process ids of so many children once they run and the parent knows it."""
    while len(found := list(Path().glob("ready-*"))) < count or len(some.running) < count:
        await asyncio.sleep(0.02)
    return [int(path.name.removeprefix("ready-")) for path in found]


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def dead_soon(pid: int) -> bool:
    for _ in range(250):
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


async def test_a_child_gives_its_output_and_exit_code(command: Install) -> None:
    ended = await command("print('điểm tin', sys.argv[1:]); print('sai', file=sys.stderr); sys.exit(3)").run(
        "crawl", "baomau", limit=60
    )
    assert ended is not None
    assert (ended.code, ended.error, ended.timed_out) == (3, "sai\n", False)
    assert ended.out.startswith("điểm tin ['--home', ")
    assert ended.out.endswith("/home', 'crawl', 'baomau']\n")


async def within(some: Launcher, word: str, limit: float = 0.5) -> Finished:
    """A run under a time limit that let it come as far as a word; a busy machine is given more."""
    while True:
        ended = await some.run("crawl", limit=limit)
        assert ended is not None
        if word in ended.out:
            return ended
        limit *= 2


async def test_a_child_over_its_time_is_interrupted_and_can_finish_its_work(command: Install) -> None:
    some = command(
        """
        try:
            print('bắt đầu', flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print('xong việc')
        """
    )
    ended = await within(some, "bắt đầu")
    assert ended.timed_out
    assert (ended.code, ended.out) == (0, "bắt đầu\nxong việc\n")


async def test_a_child_that_ignores_the_interrupt_is_killed(
    command: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "GRACE", 0.3)
    some = command("signal.signal(signal.SIGINT, signal.SIG_IGN); ready(); time.sleep(60)")
    running = asyncio.create_task(some.run("crawl", limit=60))
    (pid,) = await readied(some)
    await some.stop()
    ended = await running
    assert ended is not None
    assert ended.code == -signal.SIGKILL
    assert not alive(pid)


async def test_what_a_killed_child_started_is_killed_too(
    command: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "GRACE", 0.3)
    some = command(
        """
        import subprocess
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        subprocess.Popen([sys.executable, '-c', 'import os, pathlib, time; '
                          'pathlib.Path("ready-%d" % os.getpid()).touch(); time.sleep(60)'])
        time.sleep(60)
        """
    )
    running = asyncio.create_task(some.run("crawl", limit=60))
    (pid,) = await readied(some)
    await some.stop()
    await running
    assert dead_soon(pid)


async def test_a_child_that_leaves_something_behind_does_not_hang_the_parent(command: Install) -> None:
    some = command(
        """
        import subprocess
        subprocess.Popen(['sleep', '60'])
        print('xong')
        """
    )
    ended = await within(some, "xong")  # or it would end with the child's child, after a minute
    assert ended.timed_out


async def test_what_a_child_left_outside_its_group_does_not_hang_the_parent(
    command: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "LEFT_OPEN", 0.2)
    some = command(
        """
        import subprocess
        left = subprocess.Popen(['sleep', '60'], start_new_session=True)
        pathlib.Path(f'ready-{left.pid}').touch()
        print('xong', flush=True)
        """
    )
    try:
        ended = await within(some, "xong")
        assert ended.timed_out
    finally:
        for left in Path().glob("ready-*"):
            os.kill(int(left.name.removeprefix("ready-")), signal.SIGKILL)


async def test_a_child_that_floods_leaves_the_parent_small(command: Install) -> None:
    some = command(
        "for n in range(300): print('x' * 65536, file=sys.stderr); print('y' * 65536)\nprint('cuối')"
    )
    ended = await some.run("crawl", limit=60)
    assert ended is not None
    assert (len(ended.error), len(ended.out.encode())) == (launcher.MOST_ERROR, launcher.MOST_OUT)
    assert ended.out.endswith("cuối\n")


async def test_a_child_that_was_stopped_is_killed_when_its_time_is_over(
    command: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "GRACE", 0.3)
    some = command("ready(); os.kill(os.getpid(), signal.SIGSTOP); time.sleep(60)")
    running = asyncio.create_task(some.run("digest", limit=60, kind="digest"))
    (pid,) = await readied(some)
    await some.stop()
    ended = await running
    assert ended is not None
    assert ended.code == -signal.SIGKILL
    assert not alive(pid)


async def test_stopping_ends_those_that_run_and_starts_no_more(command: Install) -> None:
    some = command(
        """
        try:
            ready()
            time.sleep(60)
        except KeyboardInterrupt:
            print('ngắt')
        """
    )
    tasks = [asyncio.create_task(some.run("crawl", str(n), limit=60)) for n in range(4)]
    pids = await readied(some, launcher.AT_ONCE)
    assert len(some.running) == launcher.AT_ONCE
    await some.stop()
    ended = await asyncio.gather(*tasks)
    assert [one.out for one in ended if one] == ["ngắt\n"] * launcher.AT_ONCE
    assert ended.count(None) == 4 - launcher.AT_ONCE
    assert await some.run("crawl", limit=60) is None
    assert not any(alive(pid) for pid in pids)


async def test_an_edition_does_not_wait_for_crawls_that_hang(command: Install) -> None:
    some = command(
        """
        if 'crawl' in sys.argv:
            ready()
            time.sleep(60)
        print('gửi')
        """
    )
    crawls = [asyncio.create_task(some.run("crawl", str(n), limit=60)) for n in range(12)]
    await readied(some, launcher.AT_ONCE)
    ended = await some.run("digest", "--due", limit=60, kind="digest")
    assert ended is not None
    assert ended.out == "gửi\n"
    assert not any(one.done() for one in crawls)
    await some.stop()
    await asyncio.gather(*crawls)


async def test_a_cancelled_run_leaves_no_child_and_interrupts_it_once(command: Install) -> None:
    some = command(
        """
        times = []
        signal.signal(signal.SIGINT, lambda *_: times.append(1))
        ready()
        while not times: time.sleep(0.02)
        time.sleep(0.3)
        pathlib.Path('interrupts').write_text(str(len(times)))
        """
    )
    running = asyncio.create_task(some.run("crawl", limit=60))
    (pid,) = await readied(some)
    running.cancel()
    await some.stop()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not alive(pid)
    assert Path("interrupts").read_text(encoding="ascii") == "1"
    assert not some.running


async def test_output_cut_within_a_letter_is_still_told(command: Install) -> None:
    ended = await command("sys.stdout.buffer.write('điểm'.encode()[:-2])").run("crawl", limit=60)
    assert ended is not None
    assert ended.out.startswith("đi")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the parent's death is told on Linux only")
async def test_a_child_hears_of_its_parents_death(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = (
        "from crawler.service.process import follow_parent; import os, time, pathlib; follow_parent(); "
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys; os.environ['DIEMTIN_PARENT'] = str(os.getpid()); "
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", parent], cwd=Path(launcher.__file__).parent.parent) as process:
        while not mark.exists() or not mark.read_text(encoding="ascii"):
            await asyncio.sleep(0.02)
        process.kill()
    pid = int(mark.read_text(encoding="ascii"))
    try:
        assert dead_soon(pid)
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


async def test_a_crawl_that_takes_long_holds_up_no_other(
    command: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "HOLD", 0.2)
    monkeypatch.setattr(launcher, "BESIDE", 3)
    some = command("ready(); time.sleep(60)")
    crawls = [asyncio.create_task(some.run("crawl", limit=60)) for _ in range(8)]
    await readied(some, 5)  # two in the slots, three beside them
    await asyncio.sleep(0.6)
    assert len(some.running) == 5
    await some.stop()
    await asyncio.gather(*crawls)


async def test_code_of_the_current_folder_is_not_run(
    command: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = command("print('code of the folder was run')")
    monkeypatch.setattr(workers, "CODE", Path(workers.__file__).parents[2])
    done = await some.run("--help", limit=60)
    assert done
    assert "diemtin" in done.out
    assert "code of the folder" not in done.out
