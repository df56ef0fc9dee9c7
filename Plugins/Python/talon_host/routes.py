"""Leaves the route template that a framework has matched in the environ, where the metrics look for it. What the
application has put there itself stays."""

import functools

KEY = "X-Talon-Route"


def note(environ, route):
    if route and KEY not in environ:
        environ[KEY] = route


def of_flask(module):
    """`module` is flask.ctx. One of its classes matches the request, which one depends on the version."""
    context = vars(module).get("RequestContext") or module.AppContext
    match_request = context.match_request

    @functools.wraps(match_request)
    def noting(self):
        result = match_request(self)
        note(self.request.environ, getattr(self.request.url_rule, "rule", None))
        return result

    context.match_request = noting


def of_django(module):
    """`module` is django.core.handlers.base. Its templates have no slash at the front."""
    resolve_request = module.BaseHandler.resolve_request

    @functools.wraps(resolve_request)
    def noting(self, request):
        match = resolve_request(self, request)
        note(request.META, "/" + match.route)
        return match

    module.BaseHandler.resolve_request = noting
