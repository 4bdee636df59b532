"""Text with control characters, and a check that none of them is shown."""
import unicodedata

# A line end, escape codes of both kinds, another direction of writing, nothing of no width. A
# slash would make a path of it.
HOSTILE = 'x\n[ERROR] forged\r\x1b[2J\x9b31m\u202egpj\u2066\u200b\u2028\x7fz'


def check(text):
    """Text as it is shown."""
    bad = {character for character in text
           if unicodedata.category(character) in ('Cc', 'Cf', 'Cs', 'Zl', 'Zp')} - {'\n'}
    assert not bad, text
    assert 'forged' in text
    assert not [line for line in text.split('\n') if line.lstrip().startswith('[ERROR] forged')]
