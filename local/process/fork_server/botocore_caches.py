"""Lets botocore compute once per process what it computes for each session and each client.

ZenML makes a session and up to five clients each time it verifies a service connector. The results depend on nothing but
the arguments: data files, which services there are, names of events, signatures of handlers, rules of endpoints.
"""
import functools

from botocore import endpoint_provider, hooks
from botocore.loaders import JSONFileLoader, Loader

_load_file = JSONFileLoader.load_file
_list_services = Loader.list_available_services
_name_of_event = hooks.EventAliaser._alias_event_name
_accepts_kwargs = hooks.accepts_kwargs
_Rules = endpoint_provider.RuleSet


@functools.cache
def _loaded(path):
    return _load_file(JSONFileLoader(), path)


@functools.cache
def _listed(folders, kind):
    return tuple(_list_services(Loader(list(folders)), kind))


@functools.cache
def _named(name):
    return _name_of_event(hooks.EventAliaser(None), name)


def _event(aliaser, name):
    return _named(name) if aliaser._event_aliases is hooks.EVENT_ALIASES else _name_of_event(aliaser, name)


_accepts = functools.lru_cache(maxsize=1000)(_accepts_kwargs)
_rules = {}  # the data of a service and of the partitions, by identity: the loaded file -> the rules made of it


def _rule_set(**data):
    key = id(data["rules"]), id(data["partitions"])
    if key not in _rules:
        # The data is kept with the result, so that its identity stays its own.
        _rules[key] = data, _Rules(**data)
    return _rules[key][1]


JSONFileLoader.load_file = lambda self, path: _loaded(path)
Loader.list_available_services = lambda self, type_name: list(_listed(tuple(self.search_paths), type_name))
hooks.EventAliaser._alias_event_name = _event
# The function of a method says the same, and does not keep a client in memory.
hooks.accepts_kwargs = lambda handler: _accepts(getattr(handler, "__func__", handler))
endpoint_provider.RuleSet = _rule_set
