"""``/tim/goi-y`` as JSON: what the search box offers while someone types."""

from datasette.utils.asgi import Response

from archive.search.suggest import Suggestion, suggestions
from archive.web.request import PageRequest

_KEPT = {"cache-control": "private, max-age=60"}


async def suggested(req: PageRequest) -> Response:
    """At most eight offers for ``?q=``, the likeliest first; for less than two letters none."""
    typed = req.arg("q")
    found = await req.query(lambda db: suggestions(db, req.site.places, typed)) if len(typed) > 1 else []
    return Response.json({"offers": [_offer(req, one) for one in found]}, headers=_KEPT)


def _offer(req: PageRequest, one: Suggestion) -> dict[str, str]:
    path, params = {
        "document": ("/van-ban", {"so": one.key}),
        "place": ("/tim", {"noi": one.key}),
        "source": ("/tim", {"nguon": one.key}),
        "topic": (f"/chu-de/{one.key}", {}),
    }[one.kind]
    return {
        "kind": one.kind,
        "name": req.words.either(one.name, one.name_en),
        "href": req.path(path, params),
        "told": one.note or req.words(f"offers.{one.kind}"),
    }
