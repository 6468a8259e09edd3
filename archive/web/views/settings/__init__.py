"""``/cai-dat`` Cài đặt: digests, rules, topics, sources, people and the log, for admins."""

from collections.abc import Awaitable, Callable

from datasette.utils.asgi import Response

from archive.config import ConfigError
from archive.desk.accounts import Role
from archive.web.request import PageRequest
from archive.web.views.learning import trial
from archive.web.views.settings import channels, digests, general, log, rules, sources, topics, users

View = Callable[[PageRequest], Awaitable[Response]]
_DIGEST = r"/ban-tin/(?P<name>[\w-]+)"
ADMIN: Role = "admin"
_ROOMS: list[tuple[str, View, Role | None, Role | None]] = [  # as in archive.web.PageRoute
    (r"^/cai-dat$", general.overview, ADMIN, None),
    (r"^/cai-dat/chung$", general.general, ADMIN, ADMIN),
    (r"^/cai-dat/ban-tin$", digests.digests, ADMIN, ADMIN),
    (rf"^/cai-dat{_DIGEST}$", digests.digest, ADMIN, ADMIN),
    (rf"^/cai-dat{_DIGEST}/noi-nhan/(?P<number>moi|[0-9]{{1,4}})$", channels.channel, ADMIN, ADMIN),
    (r"^/cai-dat/quy-tac$", rules.rule, ADMIN, ADMIN),
    (r"^/cai-dat/chu-de$", topics.topics, ADMIN, None),
    (r"^/cai-dat/chu-de/(?P<key>[\w-]+)$", topics.topic, ADMIN, ADMIN),
    (r"^/chu-de/(?P<key>[\w-]+)/thu$", trial.trial, ADMIN, ADMIN),
    (r"^/cai-dat/nguon$", sources.sources, ADMIN, ADMIN),
    (r"^/cai-dat/nguon/trang-thai$", sources.state, None, ADMIN),
    (r"^/cai-dat/nguon/viec/(?P<id>[0-9a-f]{16})$", sources.visit, ADMIN, ADMIN),
    (r"^/cai-dat/nguoi-dung$", users.users, ADMIN, ADMIN),
    (r"^/cai-dat/nguoi-dung/sua$", users.user, ADMIN, ADMIN),
    (r"^/cai-dat/nhat-ky$", log.log, ADMIN, None),
]


def _telling(view: View) -> View:
    """The view, or a page that says which file cannot be read and why; it is mended by hand."""

    async def answer(req: PageRequest) -> Response:
        try:
            return await view(req)
        except ConfigError as error:
            return await req.render("settings/unreadable.html", status=409, why=str(error))

    return answer


SETTINGS = [(pattern, _telling(view), looks, sends) for pattern, view, looks, sends in _ROOMS]
