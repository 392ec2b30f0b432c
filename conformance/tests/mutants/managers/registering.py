"""Mutants of register(), namespaces, customized and remote managers."""

from __future__ import annotations

import copy
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers as managers
import multiprocessing.process
import os
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import Registration, changed_registrations

# register()


@mutant("base_manager.register.adds-a-method")
def method_returns_the_object() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]

    def register(cls: Any, typeid: str, *args: Any, **kwargs: Any) -> None:
        original(cls, typeid, *args, **kwargs)
        if hasattr(cls, typeid):
            setattr(cls, typeid, lambda self, *a, **k: args[0](*a, **k))

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


@mutant("base_manager.register.concerns-its-class-only")
def all_classes_have_one_registry() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    managers.BaseManager.register = classmethod(  # type: ignore[method-assign, assignment]
        lambda cls, *args, **kwargs: original(managers.BaseManager, *args, **kwargs)
    )


@mutant("base_manager.register.typeid-must-be-a-string")
def typeid_may_be_anything() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    managers.BaseManager.register = classmethod(  # type: ignore[method-assign, assignment]
        lambda cls, typeid, *args, **kwargs: original(cls, str(typeid), *args, **kwargs)
    )


@mutant("base_manager.register.callable-may-be-a-function")
def object_of_a_function_is_the_function() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        function = arguments.get("callable")
        if typeid == "pair":
            arguments["callable"] = lambda *args: Wrapped(function, *args)

    changed_registrations(change)


class Wrapped:
    """What is shared instead of what a function returns."""

    def __init__(self, *args: Any) -> None:
        self.args = args

    def get(self) -> str:
        return repr(self.args)


@mutant("base_manager.register.callable-gets-the-arguments")
def keyword_arguments_are_lost() -> None:
    @replace(managers.Server, "create")  # type: ignore[attr-defined]
    def create(original: Any, self: Any, connection: Any, typeid: str, /, *args: Any, **kwargs: Any) -> Any:
        return original(self, connection, typeid, *args)


@mutant("base_manager.register.creates-a-new-object-each-time")
def object_is_made_once() -> None:
    made: dict[str, Any] = {}

    def change(cls: type, typeid: str, arguments: Registration) -> None:
        function = arguments.get("callable")
        if typeid == "Note" and function:
            arguments["callable"] = lambda *args, **kwargs: made.setdefault(typeid, function(*args, **kwargs))

    changed_registrations(change)


@mutant("base_manager.register.callable-none-for-clients")
def callable_is_required() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments["create_method"] and arguments.get("callable") is None:
            arguments["create_method"] = False

    changed_registrations(change)


@mutant("base_manager.register.callable-none-without-a-method")
def object_without_a_callable_is_copied() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if not arguments["create_method"]:
            arguments["callable"] = copy.copy

    changed_registrations(change)


@mutant("base_manager.register.proxytype-makes-the-proxies")
def proxytype_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(proxytype=None))


@mutant("base_manager.register.proxytype-none-makes-a-class")
def default_proxies_have_no_methods() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if typeid == "Note":
            arguments["proxytype"] = managers.BaseProxy

    changed_registrations(change)


@mutant("base_manager.register.exposed-allows-only-its-names", "base_manager.register.exposed-makes-methods")
def exposed_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(exposed=None))


@mutant("base_manager.register.exposed-allows-private-names")
def private_names_are_never_exposed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        arguments["exposed"] = [name for name in arguments.get("exposed") or () if not name.startswith("_")]

    changed_registrations(change)


@mutant("base_manager.register.exposed-none-uses-the-proxytype")
def exposed_names_of_the_proxytype_are_ignored() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and not arguments.get("exposed"):
            arguments["exposed"] = managers.public_methods(arguments["callable"]())  # type: ignore[attr-defined]

    changed_registrations(change)


@mutant("base_manager.register.exposed-overrides-the-proxytype")
def exposed_names_are_mixed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and arguments.get("exposed"):
            arguments["exposed"] = [*arguments["exposed"], *arguments["proxytype"]._exposed_]

    changed_registrations(change)


@mutant("base_manager.register.public-methods-by-default")
def only_methods_of_the_class_are_public() -> None:
    @replace(managers, "public_methods")
    def public_methods(original: Any, item: Any) -> Any:
        return [name for name in original(item) if hasattr(type(item), name)]


@mutant("base_manager.register.others-hidden-by-default")
def private_methods_are_public() -> None:
    @replace(managers, "public_methods")
    def public_methods(original: Any, item: Any) -> Any:
        return [*original(item), "_hidden"]


@mutant("base_manager.register.method_to_typeid-returns-a-proxy")
def method_to_typeid_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(method_to_typeid=None))


@mutant("base_manager.register.method_to_typeid-none-uses-the-proxytype")
def method_to_typeid_of_the_proxytype_is_ignored() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and not arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] = {"nothing": "Note"}

    changed_registrations(change)


@mutant("base_manager.register.method_to_typeid-overrides-the-proxytype")
def method_to_typeid_is_mixed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] |= arguments["proxytype"]._method_to_typeid_

    changed_registrations(change)


@mutant("base_manager.register.other-methods-return-copies")
def all_methods_return_proxies() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] |= {"other": "Note"}

    changed_registrations(change)


@mutant("base_manager.register.create_method-false")
def create_method_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(create_method=True))


@mutant("custom_manager.subclass.keeps-types-of-sync-manager")
def registrations_of_the_base_are_lost() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]

    def register(cls: Any, *args: Any, **kwargs: Any) -> None:
        if "_registry" not in cls.__dict__:
            cls._registry = {}
        original(cls, *args, **kwargs)

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


# Namespaces


@mutant("namespace_object.class.registers")
def namespace_needs_an_argument() -> None:
    @replace(managers.Namespace, "__init__")
    def init(original: Any, self: Any, needed: Any, **kwargs: Any) -> None:
        original(self, **kwargs)


@mutant("namespace_object.class.no-public-methods")
def namespace_has_a_method() -> None:
    managers.Namespace.show = lambda self: str(self)  # type: ignore[attr-defined]


@mutant("namespace_object.attributes.are-writable")
def attributes_are_set_once() -> None:
    @replace(managers.NamespaceProxy, "__setattr__")  # type: ignore[attr-defined]
    def setattribute(original: Any, self: Any, name: str, value: Any) -> None:
        if name.startswith("_") or not hasattr(self, name):
            original(self, name, value)


@mutant("namespace_object.attributes.missing-raises")
def missing_attributes_are_none() -> None:
    @replace(managers.NamespaceProxy, "__getattr__")  # type: ignore[attr-defined]
    def getattribute(original: Any, self: Any, name: str) -> Any:
        try:
            return original(self, name)
        except AttributeError:
            return None


@mutant("namespace_object.repr.shows-attributes", "namespace_object.example.global")
def representation_shows_nothing() -> None:
    managers.Namespace.__repr__ = lambda self: "Namespace(...)"  # type: ignore[method-assign, assignment]


@mutant("namespace_object.underscore.belongs-to-the-proxy")
def underscore_is_handed_on() -> None:
    @replace(managers.NamespaceProxy, "__setattr__")  # type: ignore[attr-defined]
    def setattribute(original: Any, self: Any, name: str, value: Any) -> None:
        if name == "_z_":
            self._callmethod("__setattr__", (name, value))
        else:
            original(self, name, value)

    @replace(managers.NamespaceProxy, "__getattr__")  # type: ignore[attr-defined]
    def getattribute(original: Any, self: Any, name: str) -> Any:
        return self._callmethod("__getattribute__", (name,)) if name == "_z_" else original(self, name)


# Customized managers and remote ones


@mutant(
    "custom_manager.example.maths",
    "remote_manager.tcp.clients-share-an-object",
    "remote_manager.unix-socket.clients-share-an-object",
    "remote_manager.example.three-programs",
    "remote_manager.example.local-process",
)
def results_come_in_a_list() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def callmethod(original: Any, self: Any, name: str, *args: Any) -> Any:
        return [original(self, name, *args)]


@mutant("remote_manager.wrong-key.others-are-served-on")
def wrong_key_ends_the_server() -> None:
    @replace(multiprocessing.connection, "deliver_challenge")
    def deliver_challenge(original: Any, *args: Any) -> None:
        try:
            original(*args)
        except multiprocessing.AuthenticationError:
            os._exit(1)
