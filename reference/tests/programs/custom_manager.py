"""A manager of one's own: classes, a function and an iterator that live in its process."""

import operator
import sys

import mpreference as multiprocessing
from mpreference.managers import BaseManager, BaseProxy


class Account:
    def __init__(self, owner):
        self.owner = owner
        self.balance = 0

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f"no deposit: {amount}")
        self.balance += amount
        return self.balance

    def statement(self):
        return f"{self.owner} has {self.balance}"

    def _audit(self):
        return "audited"


def squares(limit):
    for number in range(limit):
        yield number * number


class IteratorProxy(BaseProxy):
    _exposed_ = ("__next__",)

    def __iter__(self):
        return self

    def __next__(self):
        return self._callmethod("__next__")


def get_operator():
    return operator


class BankManager(BaseManager):
    pass


BankManager.register("Account", Account)
BankManager.register("AuditedAccount", Account, exposed=("statement", "_audit"))
BankManager.register("squares", squares, proxytype=IteratorProxy)
BankManager.register("operator", get_operator)


def deposit(account, amounts):
    for amount in amounts:
        account.deposit(amount)


def main():
    with BankManager() as manager:
        account = manager.Account("Ann")
        children = [multiprocessing.Process(target=deposit, args=(account, [1, 2, 3])) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        print(account.statement())
        try:
            account.deposit(-5)
        except ValueError as error:
            print("ValueError:", error)
        print("private members:", hasattr(account, "_audit"), manager.AuditedAccount("Bob")._audit())
        print("squares:", list(manager.squares(6)))
        calculator = manager.operator()
        print("operator:", calculator.add(20, 22), calculator.pow(2, 10), calculator.concat([1], [2]))
        print("sum of the rest:", sum(manager.squares(10)))


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
