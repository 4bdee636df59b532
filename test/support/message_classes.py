"""Message classes made from field lists, in place of packages of messages that are not installed.

They have the constructor, the defaults and the fields of rclpy's, and no others. Values are checked
when a message is serialized, which is rosbags' work.
"""
from types import SimpleNamespace

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

SEPARATOR = '=' * 80
NUMBERS = {'bool': bool, 'float32': float, 'float64': float}


class MessageClasses:
    """A package of messages, from the text of its .msg files.

    Attributes:
        messages: In place of the module `PACKAGE.msg`.
    """

    def __init__(self, package, texts):
        """Takes the texts of the package's messages, by their names."""
        self._store = get_typestore(Stores.ROS2_JAZZY)
        self._package = package
        fields = {}
        for name, text in texts.items():
            fields.update(get_types_from_msg(text, f'{package}/msg/{name}'))
        self._store.register(fields)
        self._classes = {}
        self.messages = SimpleNamespace(**{
            name: self._message_class(f'{package}/msg/{name}') for name in texts})

    def copy(self, message):
        """A message as a subscriber gets it: serialized and read again."""
        name = f'{self._package}/msg/{type(message).__name__}'
        return self._store.deserialize_cdr(self._store.serialize_cdr(message, name), name)

    def _message_class(self, name):
        if name not in self._classes:
            constants, fields = self._store.fielddefs[name]
            namespace = {'__slots__': [field for field, _ in fields],
                         '__init__': self._constructor(fields),
                         **{constant: value for constant, _, value in constants}}
            self._classes[name] = type(name.rpartition('/')[2], (), namespace)
        return self._classes[name]

    def _constructor(self, fields):
        def construct(message, **values):
            for field, description in fields:
                value = values.pop(field) if field in values else self._default(description)
                setattr(message, field, value)
            assert not values, f'no fields of {type(message).__name__}: {sorted(values)}'
        return construct

    def _default(self, description):
        kind, details = description[0].name, description[1]
        if kind == 'BASE':
            return '' if details[0] == 'string' else NUMBERS.get(details[0], int)()
        if kind == 'NAME':
            return self._message_class(details)()
        element, length = details
        if element[0].name == 'BASE' and element[1][0] != 'string':
            return np.zeros(length if kind == 'ARRAY' else 0, element[1][0])
        return [self._default(element) for _ in range(length if kind == 'ARRAY' else 0)]
