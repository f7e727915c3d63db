"""Renders the snippets below with jinja2 itself, set up as transformers does, and writes what it gave.

    python -m venv venv && venv/bin/pip install jinja2==3.1.6
    venv/bin/python core/src/test/python/make_jinja_snippets.py > core/src/test/resources/dev/hearth/chat/jinja-snippets.json

Each case has a template and either "output" or "error" ("compile" if the template isn't accepted at all).
"""
import json
import sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)

    @jinja2.pass_eval_context
    def _support(self, context, caller):
        return caller()


class TemplateDict:
    def __call__(self, *args, **kwargs):
        return dict(*args, **kwargs)

    def fromkeys(self, *args, **kwargs):
        return dict.fromkeys(*args, **kwargs)


class TemplateNamespace(jinja2.utils.Namespace):
    def __init__(*args, **kwargs):
        self, args = args[0], args[1:]
        attrs = dict(*args, **kwargs)
        for name in attrs:
            TemplateNamespace._check_name(name)
        jinja2.utils.Namespace.__init__(self, attrs)

    def __setitem__(self, name, value):
        TemplateNamespace._check_name(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def _check_name(name):
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError("underscore")


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime(2025, 6, 15, 13, 45, 30).strftime(f)
    env.globals["dict"] = TemplateDict()
    env.globals["namespace"] = TemplateNamespace
    return env


VARIABLES = {
    "messages": [{"role": "user", "content": " Hi <b>&amp; 'you' "}, {"role": "assistant", "content": "é世😀\n\"x\""}],
    "n": 5,
    "f": 2.5,
    "big": 12345678901,
    "neg": -7,
    "yes": True,
    "nil": None,
    "s": "Hello World",
    "u": "éß世😀x",
    "w": "  a b\t c\n d  ",
    "lines": "one\ntwo\r\n\nthree\n",
    "xs": [3, 1, 2, 1],
    "words": ["b", "A", "c", "B"],
    "d": {"b": 1, "a": [1, 2.0, None, True], "C": {"x": "y"}, "items": "item", "k k": 'q"\''},
    "rows": [{"n": "x", "v": 2, "t": {"z": 1}}, {"n": "Y", "v": 1}, {"n": "x", "v": 3, "t": {"z": 0}}],
    "e": [],
    "ed": {},
}

EXPRESSIONS = r"""
1 + 2 * 3 ** 2 ** 2 // 5 % 4 - -1
-2 ** 2
2 ** -1
7 // 2, -7 // 2, 7 // -2, 7 % -3, -7 % 3, 7.5 // 2, -7.5 % 2, 7.5 % -2
1 / 3, 2 / 1, 1e16, 1e15, 123456789012345678.0, 1e-5, 0.0001, 1.5e300 * 1e10, -0.0, 1_000, 0x1f, 0b101, 0o17, 1_0.5_0
10 ** 20, 2 ** 100, -3 ** 3
']' > '[', 'a' < 'c', ['a', ']', '[', 'c']|sort, ['a', 'c']|max
true + 1, true * 'ab', true == 1, 1 == 1.0, 'a' < 'b', [1, 2] < [1, 3], (1, 2) == [1, 2], not true
1 < 2 < 3, 1 < 3 < 2, 1 in [1] in [[1]], 3 not in xs, 'ell' in s, 'b' in d, 1 in d
none == none, undefinedname == otherundefined, undefinedname is defined, nil is none
none < 1
'a' 'b' "c" ~ 1 ~ none ~ 2.0 ~ [1, 'x'] ~ {'a': 1}
'a' + 'b' * 3
'a' + 1
1 + 'a'
1 + none
[1] + [2] * 2, (1,) + (2,), (), (1,), [], {}
[1] + (1,)
'x' if yes else 'y', 'x' if nil else 'y', 'x' if nil
('x' if nil) is defined
1 if yes else 2 if nil else 3
yes and 'a' or 'b', nil or 0 or 'z', nil and 1
not nil and yes, not (nil and yes)
s[0], s[-1], s[1:4], s[::-1], s[::2], s[-3:], s[:-3], s[5:2], s[10:1:-3], s[100:], u[1:3], u[-2], u[::-1], u|length
xs[0], xs[-1], xs[1:], xs[::-1], xs[:2], xs[9], xs['a'], xs[1.0]
s[99]
xs[::0]
d[1:2]
none[1:]
none[1:]|upper ~ n
(-1)[:2] ~ "x", -2 ** n, (1 - 3) ** n, -2 ** 2
d.a[1], d['C'].x, d.C['x'], d['k k'], d.missing, d.missing is defined
d.items is callable, d['items'], d.keys()|list, d.values()|list, d.items()|list
d.missing.more
undefinedname.more
undefinedname['x']
undefinedname()
undefinedname + 1
'a' + undefinedname
undefinedname ~ 'a', undefinedname|length, undefinedname|list, undefinedname|upper, [undefinedname]
undefinedname|default('z'), ''|default('z'), ''|default('z', true), none|d('q'), 0|d('q', boolean=true), undefinedname|d
-undefinedname
undefinedname < 1
undefinedname in [1], undefinedname == undefinedname, undefinedname != 1
'a' in undefinedname
undefinedname in 'a'
xs.append
xs.append(1)
d.update({})
d.pop('a')
d.__class__
s.__class__.__mro__
d['__class__'], xs|attr('append'), s|attr('upper') is callable
s.upper(), s.lower(), s.title(), s.swapcase(), s.capitalize(), u.upper(), u.title(), u.capitalize(), 'ǆ'.title(), 'ΑΣ'.lower()
w.strip(), w.lstrip(), w.rstrip(), 'xxaxx'.strip('x'), 'xyaxy'.strip('yx'), 'abc'.strip(''), w.strip(none)
w.split(), w.split(' '), w.split(none, 1), w.rsplit(none, 1), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), 'abc'.split('x'), ''.split(), ''.split(','), 'a--b'.split('--'), 'a,b'.split(sep=','), 'a,b,c'.split(',', maxsplit=1)
'abc'.split('')
lines.splitlines(), lines.splitlines(true), ''.splitlines(), 'a\x0bb\x0cc\x1cd\x85e\u2028f'.splitlines()
'a.b.c'.partition('.'), 'a.b.c'.rpartition('.'), 'abc'.partition('x'), 'abc'.rpartition('x')
s.startswith('He'), s.startswith(('x', 'H')), s.endswith('d'), s.endswith('World', 3), s.startswith('l', 2), s.startswith('lo', 3, 5), s.startswith('', 99), s.startswith('')
s.startswith(1)
s.startswith(['H'])
s.find('o'), s.find('o', 5), s.find('zz'), s.rfind('o'), s.rfind('o', 0, 5), s.index('W'), u.find('x'), s.find('', 3), s.find('', 99), s.rfind(''), s.count('l'), s.count(''), s.count('l', 4), u.count('')
s.index('zz')
s.replace('l', 'L'), s.replace('l', 'L', 1), s.replace('', '-'), s.replace('', '-', 2), s.replace('x', 'y'), s.replace('l', ''), s.replace('l', 'L', 0), s.replace('l', 'LL', -1)
'-'.join(['a', 'b']), ''.join('abc'), ', '.join(d), 'x'.join([])
'-'.join([1])
'-'.join(5)
s.center(20) ~ '|', s.ljust(15, '.'), s.rjust(15, '*'), 'ab'.center(5, '-'), 'a'.center(4, '-'), 'abc'.center(6, '-'), '42'.zfill(5), '-42'.zfill(5), 'a\tb'.expandtabs(), 'a\tbb\tc'.expandtabs(4)
s.removeprefix('He'), s.removesuffix('ld'), s.removeprefix('x')
'abc'.isalpha(), 'ab1'.isalnum(), '12'.isdigit(), '²'.isdigit(), '²'.isdecimal(), '½'.isnumeric(), ''.isdigit(), ' '.isspace(), 'a'.islower(), 'A1'.isupper(), 'Ab Cd'.istitle(), 'AB'.istitle(), 'a_b'.isidentifier(), '1a'.isidentifier(), 'é'.isascii(), 'a\n'.isprintable()
'{} {}'.format(1, 'a'), '{1} {0}'.format(1, 2), '{a} {b}'.format(a=1, b=[1]), '{{}}'.format(), '{0[0]} {0[1]}'.format([5, 6]), '{a.b}'.format(a={'b': 3}), '{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c'), '{:*^7}'.format(3), '{:05d}'.format(42), '{:+d}'.format(3), '{:,}'.format(1234567), '{:.2f}'.format(3.14159), '{:e}'.format(12345.678), '{:g}'.format(0.00001234), '{:%}'.format(0.256), '{:x} {:#x} {:b} {:o}'.format(255, 255, 5, 8), '{!r} {!s}'.format('a', 'b'), '{:{}}'.format('a', 5), '{:.3}'.format('abcdef'), '{:.3}'.format(2.0), '{:5}|'.format(true), '{:_}'.format(1234567), '{:08.3f}'.format(-3.14159), '{:010,}'.format(1234)
'{:_x} {:_b} {:,.2f} {:_} {:010_x}'.format(0xdeadbeef, 300, 1234567.891, 1234567.5, 0xbeef)
'{}'.format()
'{0} {}'.format(1, 2)
'{a}'.format()
'{'.format(1)
'}'.format(1)
'{:d}'.format('a')
'{:5}'.format(none)
'{0.__class__}'.format('a')
'{a[k]}'.format_map({'a': {'k': 1}})
'%s %d %5.2f %r' % ('a', 3, 2.5, 'b'), '%s' % 1, '%(a)s %(b)d' % {'a': 'x', 'b': 2}, '%5s|%-5s|%05d|%+d|% d' % ('a', 'b', 42, 3, 4), '%x %X %o %#x %c %c' % (255, 255, 8, 255, 65, 'z'), '%e %g %G' % (12345.678, 0.00001, 1e20), '%%' % (), '%.3s|' % 'abcdef', '%*d' % (5, 3), '%d' % 3.9, '%i' % true, '%a' % 'é', '%s' % undefinedname, '%.0f' % 2.5, '%.0f' % 3.5, '%#.0f' % 3.0, '%s' % [1], '%s' % none
'%d' % 'a'
'%s %s' % 'a'
'%s' % (1, 2)
'%z' % 1
'abc' % 1
'%s' % ()
'abc' % {}
[1, 2, 1].count(1), [1, 2].index(2), (1, 2, 1).count(1), [1].copy()
[1].index(5)
d.get('a'), d.get('zz'), d.get('zz', 7), d.copy() == d, ed.get('x') is none
range(5)|list, range(2, 8, 3)|list, range(5, 0, -2)|list, range(3), range(1, 3)[1], range(10)[2:5], range(0)|list, range(3)|length, 2 in range(3), range(5)|last
range(100001)
range(1, 2, 0)
range('a')
dict(a=1, b=2), dict({'x': 1}, y=2), dict([('a', 1)]), dict.fromkeys(['a', 'b'], 0), {1: 'a', 1.0: 'b', true: 'c'}, {'a': 1, 'a': 2}
{[]: 1}
[[]] in d
[] in d
namespace(a=1).a, namespace({'q': 2}).q, namespace(a=1).b is defined
namespace(_a=1)
(1, 'a', none, true, 2.0, [1, (2,)], {'a': {'b': 'c'}})
'it\'s', "q\"q", 'b\'"', '\n\t\\', '\x41\u00e9\U0001F600', '\101', '\q', 'é世😀'
['it\'s', "q\"q", 'b\'"', '\n\t\\\r', '\x00\x7f\xad\u200b\ue000', 'é世😀']
d, rows[0], messages
d|tojson
d|tojson(indent=2)
d|tojson(indent=4, sort_keys=true)
d|tojson(separators=(',', ':'))
d|tojson(ensure_ascii=true), u|tojson(true), '\x00\x1f\x7f\u2028</script>'|tojson, '\x7f'|tojson(ensure_ascii=true)
[]|tojson(indent=2), {}|tojson(indent=2), [[], {}]|tojson(indent=1), [1]|tojson(indent=0), [1]|tojson(indent='--'), (1, 2)|tojson, 1.0|tojson, 1e20|tojson, 1e16|tojson, none|tojson, true|tojson, {1: 2, none: 3, true: 4, 1.5: 6}|tojson
{(1, 2): 3}|tojson
undefinedname|tojson
range(3)|tojson
d.keys()|tojson
xs|map('string')|tojson
xs|map('string')|list|tojson
{'b': 1, 1: 2}|tojson(sort_keys=true)
s|upper, s|lower, s|capitalize, s|title, 'foo-bar (baz) [q] {r} <s>'|title, 5|upper, none|lower, 'x'|trim, w|trim, 'xax'|trim('x')
s|replace('l', 'L'), s|replace('l', 'L', 1), 123|replace(2, 'x'), none|replace('N', 'M')
xs|join, xs|join(', '), rows|join('-', attribute='n'), s|join('.'), [1, none, 2.0]|join('|'), d|join(',')
5|join
xs|first, xs|last, e|first, e|last, s|first, s|last, d|first, d|last, xs|length, d|count, s|length
5|length
xs|map('string')|length
xs|map('string')|last
5|first
xs|sort, xs|sort(reverse=true), words|sort, words|sort(case_sensitive=true), rows|sort(attribute='v')|map(attribute='v')|list, rows|sort(attribute='n,v')|map(attribute='v')|list, words|sort(true), [3, 1.5, true]|sort
[1, 'a']|sort
xs|unique|list, words|unique|list, words|unique(true)|list, rows|unique(attribute='n')|map(attribute='v')|list
xs|min, xs|max, words|min, words|max, rows|max(attribute='v'), e|min, words|max(case_sensitive=true)
xs|sum, rows|sum(attribute='v'), xs|sum(start=10), e|sum, [1.5, 2]|sum, [[1], [2]]|sum(start=[])
['a']|sum
xs|reverse|list, s|reverse, u|reverse, d|reverse|list, (1, 2)|reverse|list
5|reverse
rows|map(attribute='n')|list, rows|map(attribute='t')|list, rows|map(attribute='q', default='D')|list, words|map('upper')|join, xs|map('string')|list, [[1, 2], [3]]|map(attribute=0)|list, words|map('replace', 'A', 'z')|list
xs|map('nofilter')|list
rows|map(attribute='t.z')|list
rows|selectattr('t.z')|list
xs|map|list
rows|groupby('t.z', default='-')
xs|select('odd')|list, xs|select|list, xs|reject('odd')|list, xs|select('gt', 1)|list, xs|select('in', [1, 2])|list, rows|selectattr('n', 'equalto', 'x')|map(attribute='v')|list, rows|selectattr('t')|list|length, rows|rejectattr('t')|list|length, rows|selectattr('t', 'defined')|list|length, xs|select('divisibleby', 3)|list
xs|select('notest')|list
rows|selectattr|list
undefinedname|select|list, none|map('upper')|list
rows|groupby('n')|list, rows|groupby('n')|map(attribute='grouper')|list, rows|groupby('v', default='-')|list, (rows|groupby('n'))[0].list|length, words|groupby(0) is defined
d|dictsort, d|dictsort(true), {'a': 2, 'b': 1}|dictsort(by='value'), {'a': 2, 'b': 1}|dictsort(reverse=true)
{'a': 1, 1: 2}|dictsort
d|dictsort(by='x')
none|dictsort
d|items|list, undefinedname|items|list, ed|items|list
s|items|list
s|items is defined
xs|batch(2)|list, xs|batch(3, 'x')|list, xs|slice(3)|list, xs|slice(3, 'x')|list, e|batch(2)|list, xs|list, s|list, d|list
5|list
5|abs, -5|abs, -2.5|abs, (-5)|abs, true|abs
'a'|abs
'12'|int, '12.7'|int, 'x'|int, 'x'|int(-1), '0x1f'|int(base=16), '1f'|int(0, 16), 3.9|int, -3.9|int, none|int, [1]|int, true|int, '  7 '|int, '1_000'|int, '1e3'|int, ''|int, '0b11'|int(0, 2), 'inf'|int, 1e20|int
undefinedname|int
'2.5'|float, 'x'|float, 'x'|float(1.5), 3|float, none|float, 'inf'|float, 'nan'|float, '-1e3'|float, '.5'|float, '5.'|float
2.5|round, 3.5|round, 2.675|round(2), 42.55|round(1, 'floor'), 42.55|round(1, 'ceil'), 42|round, 15|round(-1), 25|round(-1), 2.1|round(0, 'ceil'), -2.5|round, 1234.5|round(-2), 5|round(1, 'floor'), 0.5|round, 1.5|round|int
'a'|round
2.5|round(0, 'x')
'%s-%s'|format('a', 1), '%(x)s'|format(x=2), '%5.1f'|format(2.25)
lines|indent, lines|indent(2), lines|indent(2, true), lines|indent(2, false, true), lines|indent('> ', true, true), ''|indent, 'a'|indent(2, first=true)
5|indent
'foo bar baz qux'|truncate(9), 'foo bar baz qux'|truncate(9, true), 'foo bar baz qux'|truncate(11), 'foo bar baz qux'|truncate(11, false, '...', 0), 'foo bar baz qux'|truncate(5, true, '', 0), 'abcdefghijklmnop'|truncate(8, leeway=0)
'foo bar'|truncate(2)
'hello big wide world, again and again'|wordwrap(10), 'averyveryverylongword x'|wordwrap(6), 'averyveryverylongword x'|wordwrap(6, false), 'a-b well-known hyphen-ated--dash words'|wordwrap(8), 'para one\n\npara two is longer'|wordwrap(9, wrapstring='|'), 'a-b well-known'|wordwrap(6, break_on_hyphens=false)
s|wordcount, 'a-b c_d 1.5'|wordcount, u|wordcount, ''|wordcount
1|filesizeformat, 999|filesizeformat, 1000|filesizeformat, 1500000|filesizeformat, 1024|filesizeformat(true), 123456789|filesizeformat(true), '2048'|filesizeformat, 1e30|filesizeformat
s|center(21) ~ '|', 'a'|center(4) ~ '|', s|string, 5|string, none|string, 1.0|string
'<a href="x">\'&</a>'|escape, '<b>'|e, '<b>'|safe, '<b>'|safe|escape, '<b>'|safe|forceescape, 5|e
('<b>'|safe) + '<i>', '<i>' + ('<b>'|safe), ('<b>'|safe) ~ '<i>', ('<b>'|safe).upper() + '<', ('<b>'|safe) * 2 + '<', ('a<'|safe).replace('a', '<'), ('-'|safe).join(['<', '>'|safe]), ('%s<'|safe) % '<', ('{}<'|safe).format('<'), [('<'|safe)], ('<b>'|safe)[0] + '<', (('<b> x'|safe).split()[1]) + '<', ('<'|safe) in '<<', ('a'|safe) == 'a', ('a'|safe) is string, ('a'|safe) is escaped, 'a' is escaped, ('a<'|safe|upper) + '<', ('a<'|safe|trim) + '<', ('a<'|safe|replace('a','b')) + '<', ('a<'|safe|string) + '<'
'<p>a <b>b</b>  c &amp; &lt;d&gt;</p><!-- x -->e'|striptags, 'no tags  here'|striptags
'a b/c?d=é&x'|urlencode, {'a b': 'c/d', 'x': 1}|urlencode, [('a', 1), ('b', '&')]|urlencode, 5|urlencode
{'class': 'a b', 'id': none, 'x': '<'}|xmlattr, {'a': 1}|xmlattr(false), {}|xmlattr
{'a b': 1}|xmlattr
'see http://example.com/a?b=c, (www.x.org) or mail a@b.co. and x.com'|urlize, 'http://example.com/long/path'|urlize(10), 'www.a.com'|urlize(none, true), 'www.a.com'|urlize(target='_blank')
{'b': 1, 'a': [1, 2]}|pprint, 'x'|pprint, [3, 1]|pprint
n is odd, n is even, n is divisibleby(5), n is divisibleby 5, 2.0 is even, n is number, f is number, yes is number, f is float, n is integer, yes is integer, yes is boolean, n is boolean, yes is true, nil is false, 1 is true
s is string, d is mapping, xs is sequence, s is sequence, d is sequence, 5 is sequence, xs is iterable, 5 is iterable, none is iterable, undefinedname is iterable, xs|map('int') is iterable, xs|map('int') is sequence, range(3) is sequence, d.keys() is sequence, (1,) is sequence
'abc' is lower, 'ABC' is upper, 'aB' is lower, 5 is lower, nil is none, none is none, undefinedname is none, undefinedname is undefined
1 is eq 1, 1 is equalto(1), 1 is ne 2, 1 is lt 2, 1 is gt 2, 2 is ge 2, 2 is le 1, 1 is sameas 1, true is sameas true, 1 is sameas true, 'a' is in 'abc', 1 is in [1], 'b' is in d, 1 is not in [1]
'upper' is filter, 'zz' is filter, 'odd' is test, 'zz' is test, range is callable, s is callable, s.upper is callable, d is not mapping, not d is mapping
1 is odd is true
'x' is odd
xs is divisibleby(2)
1 is nosuchtest
1|nosuchfilter
raise_exception('boom')
raise_exception(5)
strftime_now('%Y-%m-%d %H:%M:%S %A %a %B %b %d %-d %j %p %I %y %e %-I %-m %U %W %w %u %V %G %D %F %T %R %r %c %x %X %C %h %% %q %Z|%z|%f %s')
cycler('a', 'b').next(), cycler(1, 2).current
cycler()
joiner()() ~ 'x', joiner('|')()
f(1)
5(1)
s()
(1, 2)[0], [1, 2][-1], {'a': 1}['a'], 'abc'[1], [1, 2, 3][1:][0], d.a.1, xs.0
{'a': 1}.a, {'keys': 1}.keys is callable, {'keys': 1}['keys']
n.real, n.imag, 2.0.is_integer(), n.bit_length(), n.conjugate(), f.real
not 1 == 2, not 1 in [2], - 1 + 2, +3, -+3, 2 - -3
1 == 1 == 1, 1 != 2 != 1, 'a' in 'abc' and 'b' not in 'xyz'
xs|sort|reverse|list|first, (xs|length) * 2, xs|length * 2, -1|abs, 1 ~ 2|string ~ 'x'
2 ** 3|string
[x for x in xs]
{'a'}
1 2
a b
(
[1, 2
{'a': 1
'abc
1 +
s.
x is
x | 
x |upper(
foo(a=1, 2)
foo(**d, a=1)
foo(a=1, a=2)
1 = 2
@
a ? b
a & b
1.5.real, 1e3, 1E-2, 1.e3
012
1__0
none.x
true.x
[].x, {}.x, ''.x
d.a.b
d['a']['b']
xs.0.y
lines.split('\n')[0], lines.split('\n')[-1] == '', lines.split('\n')|length
'a' < 1
none < none
[1] < ['a']
{} < {}
1 in 5
1 in 'a'
1 in none
'%d%%' % 50, '%s' % 'a%s', '%5d|%-5d|%05.1f' % (1, 2, 3.14159)
1 // 0
1 % 0
1 / 0
1.0 / 0
0 ** -1
2.0 ** 0.5, 4 ** 0.5, 2 ** 0.5, 10 ** -2
1e308 * 10, -1e308 * 10, 1e308 * 10 - 1e308 * 10
10.0 ** 400
3.0, 100.0, 1e2, 1.0e-7, 123456.789e3, 0.1 + 0.2, 1/7, 5e-324, 1.7976931348623157e308
'a\
b'
"\é\世", '\N{BULLET}'
'\x4'
'\u12'
u|list, u|map('upper')|join(','), u.split('世'), u.replace('世', 'W'), u.index('😀'), u.center(9, '-'), '%-7s|' % u, '{:>7}|'.format(u)
"""

TEMPLATES = [
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in xs %}{{ x }}{% else %}none{% endfor %}|{% for x in e %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}",
    "{% for x in xs if x > 9 %}{{ x }}{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for a, b in [(1,)] %}{% endfor %}",
    "{% for a, b in [1] %}{% endfor %}",
    "{% for a, b in ['xy'] %}{{ b }}{{ a }}{% endfor %}",
    "{% for x in 5 %}{% endfor %}",
    "{% for x in none %}{% endfor %}",
    "{% for x in undefinedname %}{{ x }}{% else %}empty{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% if loop.index == 3 %}{% break %}{% endif %}{% endfor %}",
    "{% for x in xs %}{% break %}{% else %}else{% endfor %}",
    "{% for x in xs %}{% continue %}{% else %}else{% endfor %}",
    "{% for x in xs %}{% if loop.last %}{% break %}{% endif %}{% else %}else{% endfor %}",
    "{% break %}",
    "{% for x in xs %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for x in xs %}{% set y %}a{% break %}{% endset %}{{ y }}{% endfor %}end",
    "{% for x in xs %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}",
    "{% for x in xs %}{% for y in words %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in xs %}{% set outer = loop %}{% for y in [1] %}{{ outer.index }}{{ loop.index }}{% endfor %}{% endfor %}",
    "{% for x in [[1, [2, 3]], 4] recursive %}{{ loop.depth }}{{ loop.depth0 }}{% if x is sequence %}[{{ loop(x) }}]{% else %}{{ x }}{% endif %}{% endfor %}",
    "{% for x in xs %}{{ loop([1]) }}{% endfor %}",
    "{% for x in e recursive %}a{% else %}none{% endfor %}",
    "{% set x = 1 %}{% for i in xs %}{% set x = i %}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set x = 1 %}{% for i in xs %}{{ x }}{% set x = i %}{{ x }} {% endfor %}{{ x }}",
    "{% for i in xs %}{% if i == 3 %}{% set y = i %}{% endif %}{{ y }}{% endfor %}",
    "{% for i in xs %}{{ y is defined }}{% set y = i %}{% endfor %}",
    "{% set ns = namespace(x=0) %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns }}",
    "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}",
    "{% set d.x = 1 %}",
    "{% set ns = namespace() %}{% set ns._x = 1 %}",
    "{% set nope.x = 1 %}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (a, b) = (b, a) %}{{ a }}{{ b }}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set a, b = [1] %}",
    "{% set x %}a{{ n }}b{% endset %}{{ x }}{{ x|length }}",
    "{% set x | upper | replace('A', 'z') %}abc{% endset %}{{ x }}",
    "{% set x | replace(n, 'z') %}a5{% endset %}{{ x }}",
    "{{ n }}{% set x | replace(n, 'z') %}a5{% endset %}{{ x }}",
    "{% set true = 1 %}",
    "{% set [a] = [1] %}",
    "{{ x }}{% set x = 1 %}{{ x }}",
    "{% if nil %}{% set q = 1 %}{% endif %}{{ q is defined }}{{ q }}",
    "{% if n == 5 %}a{% elif n == 6 %}b{% else %}c{% endif %}{% if nil %}x{% elif yes %}y{% endif %}",
    "{% if 1, 2 %}t{% endif %}",
    "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=5, a=4) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}",
    "{% macro m(a) %}{{ a is defined }}{{ a }}{% endmacro %}{{ m() }}",
    "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body{{ n }}{% endcall %}",
    "{% macro m() %}{{ caller(1, b=2) }}{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro m(caller) %}{{ caller }}{% endmacro %}",
    "{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}",
    "{% macro m(a, a) %}{% endmacro %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m() %}{{ later }}{% endmacro %}{% set later = 5 %}{{ m() }}",
    "{% macro m(x) %}{{ x }}{% if x > 0 %}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(5) }}",
    "{% macro m() %}{% set n = 9 %}{{ n }}{% endmacro %}{{ m() }}{{ n }}",
    "{% macro m() %}{{ m2() }}{% endmacro %}{% macro m2() %}two{% endmacro %}{{ m() }}",
    "{% for i in xs %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% if yes %}{% macro m() %}in{% endmacro %}{% endif %}{{ m() }}",
    "{% macro m(a, b=1) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}{{ m }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}{{ [1, 2]|map('string')|join }}",
    "{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m('x') ~ m('y') + 'z' }}{{ m('x')|upper }}",
    "{% macro r(x) %}{{ r(x) }}{% endmacro %}{{ r(1) }}",
    "{% filter upper %}abc{{ s }}{% endfilter %}{% filter replace('a', 'b')|upper %}aXa{% endfilter %}",
    "{% filter length %}abc{% endfilter %}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z is defined }}",
    "{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% with n = n + 1 %}{{ n }}{% endwith %}{{ n }}",
    "{% raw %}{{ x }}{% if %}{# c #}{% endraw %}",
    "a\n  {%- raw -%}  \n x {%- endraw -%}\n b",
    "{% raw %}\n x\n  {% endraw %}\n b",
    "{% raw %}x",
    "a{# comment #}b{#- c -#} d {# multi\nline #}\n e",
    "{# unclosed",
    "  {# c #}\n  x\n  {#- d #}\ny\n {#+ e +#}\nz",
    "  {% if yes %}\n    a\n  {% endif %}\n  b\n",
    "  {%+ if yes %}\n    a\n  {%- endif +%}\n  b\n\n",
    "x  {%- if yes -%}  \n a  {%- endif -%} \n y",
    "a {{- n -}} b {{ n }} c\n{{ n }}\n{{+ n }}",
    "a\n   {{ n }}\n   {%- set q = 1 %}\nb",
    "\n\n{% if yes %}x{% endif %}\n\n\n",
    "a\r\nb\rc\n{% if yes %}\r\nd{% endif %}\r\n",
    "\t {% if yes %}\u00a0x{% endif %}\u3000 {% if yes %}y{% endif %}",
    "{{-5}}{{ -5 }}{{ - 5 }}",
    "{{ {'a': {'b': 1}} }}{{ {'a':{}}}}",
    "{{ '}}' }}{{ '%}' }}{% set x = '%}' %}{{ x }}",
    "{ {{ n }} } {n} {%",
    "{{ n ",
    "{{ }}",
    "{% %}",
    "{% if %}{% endif %}",
    "{% if yes %}",
    "{% endif %}",
    "{% for x in xs %}{% endif %}",
    "{% unknown %}",
    "{% for in xs %}{% endfor %}",
    "{% for x xs %}{% endfor %}",
    "{% for loop in xs %}{% endfor %}",
    "{% for x in xs %}{% set loop = 1 %}{% endfor %}",
    "{% for x in xs: %}{{ x }}{% endfor %}",
    "{% print n, s %}",
    "{% generation %}g{{ n }}{% set q = 1 %}{% endgeneration %}{{ q is defined }}",
    "{% for x in xs %}{% generation %}{{ x }}{{ loop.index }}{% endgeneration %}{% endfor %}",
    "{% if nil %}{{ 1|nofilter }}{% endif %}ok",
    "{{ 1|nofilter if nil else 'ok' }}",
    "{% if yes %}{{ 1|nofilter }}{% endif %}",
    "{% if nil %}{% for x in xs %}{{ 1|nofilter }}{% endfor %}{% endif %}ok",
    "{% if nil is nosuch %}{% endif %}",
    "{% for x in xs|map('nofilter') %}{{ x }}{% endfor %}",
    "{% set g = xs|map('nofilter') %}ok",
    "{% set g = xs|map('string') %}{{ g|list }}{{ g|list }}{{ g is defined }}{% if g %}t{% endif %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set _ = c.reset() %}{{ c.next() }}",
    "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}c",
    "{% block b %}x{{ n }}{% endblock %}{% block c %}{% set n = 1 %}{{ n }}{% endblock c %}{{ n }}",
    "{% set v = 3 %}{% block b %}{{ v }}{% endblock %}{% for i in xs %}{% block l scoped %}{{ i }}{% endblock %}{% endfor %}",
    "{% for i in xs %}{% block l %}{{ i }}{% endblock %}{% endfor %}",
    "{% block a %}{% endblock %}{% block a %}{% endblock %}",
    "{% for m in messages %}<|{{ m.role }}|>{{ m['content'] | trim }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% set ms = messages[1:] %}{{ ms|length }}{{ messages[0]['role'] }}{{ messages[-1].content }}{{ messages[5] is defined }}",
    "{{ messages[5].content }}",
    "{% if messages[0].nope is not defined or messages[0].nope.deep %}a{% endif %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.length }}{{ m.content }}{% endfor %}",
    "{% for a in xs for b in xs %}{% endfor %}",
    "{% set q = [] %}{% set q = q + [1] %}{% set q = q + [2] %}{{ q }}",
    "{% set x = namespace(l=[]) %}{% for i in xs %}{% set x.l = x.l + [i] %}{% endfor %}{{ x.l|join(',') }}",
    "{{ {'a': 1}.items() }}{{ {'a': 1}.keys() }}{{ {'a': 1}.values() }}",
    "{{ d is mapping and d.a is iterable and d.a is not string and d.a is not mapping }}",
    "{% macro f(x, i) %}{% for k, v in x.items() %}{{ '  ' * i }}{{ k }}: {% if v is mapping %}\n{{ f(v, i + 1) }}{% else %}{{ v }}{% endif %}\n{% endfor %}{% endmacro %}{{ f({'a': {'b': 1, 'c': {'d': 2}}}, 0) }}",
    "{% set x = 'a' %}{% set y = x %}{% for i in [1] %}{% set x = 'b' %}{{ x }}{{ y }}{% endfor %}{{ x }}",
    "{% for i in xs %}{% for j in xs %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}",
    "{% for i in [1, 2] %}{% for i in [3] %}{{ i }}{% endfor %}{{ i }}{% endfor %}{{ i is defined }}",
    "{% set i = 7 %}{% for i in [1] %}{{ i }}{% endfor %}{{ i }}",
    "{% for x in [1, 2] %}{% set z = x %}{% else %}{{ z }}{% endfor %}{{ z }}",
    "{% call undefinedname() %}{% endcall %}",
    "{% call n %}{% endcall %}",
    "{{ 'a'.join }}x{{ undefinedname }}"[:0] + "{{ loop }}{{ self is defined }}{{ caller is defined }}",
    "{{ varargs is defined }}{{ kwargs }}",
    "{% set f = s.upper %}{{ f() }}{% set g = d.get %}{{ g('b') }}",
    "{{ namespace }}"[:0] + "{% set ns = namespace(a=[1]) %}{{ ns.a[0] }}{{ ns['a'] }}",
    "{{ (1, 2)|string }}{{ [1, 2]|string|length }}{{ d.C|string }}",
    "{% include 'x' %}"[:0] + "{% set messages = [] %}{{ messages|length }}",
    "{{ messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|first|trim }}",
    "{{ messages|map(attribute='content')|map('trim')|join('|') }}",
    "{% for m in messages|reverse %}{{ m.role }}{{ loop.length }}{% endfor %}{% for c in 'abc' %}{{ c }}{{ loop.last }}{% endfor %}",
    "{% for m in messages %}{{ loop.previtem.role if loop.previtem is defined else '-' }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for x in xs|map('string') %}{{ loop.length }}{{ loop.revindex }}{{ x }}{% endfor %}",
    "{% if 'a' in 'abc' and not 'z' in 'abc' and 1 not in [2] %}ok{% endif %}",
    "{{ 'Ünï' | upper }}{{ 'ẞ'|lower }}{{ 'ß'|upper }}{{ 'İ'|lower|length }}",
    "{%set x=1%}{%if x==1%}a{%endif%}{{x}}",
    "{% set x = -1 %}{{ x }}{{-x}}{{ 1-x }}{{ x-1 }}",
    "{{ 1.0 }}{{ 1e3 }}{{ 3.14 }}{{ 1.10 }}{{ 100000000000000000000 }}",
    "{{ true }}{{ True }}{{ none }}{{ None }}{{ false and 1 }}",
]


def main():
    env = environment()
    cases = []
    for source in ["{{ " + e + " }}" for e in EXPRESSIONS.strip("\n").split("\n")] + TEMPLATES:
        case = {"template": source}
        try:
            template = env.from_string(source)
        except Exception:
            case["error"] = "compile"
            cases.append(case)
            continue
        try:
            case["output"] = template.render(**json.loads(json.dumps(VARIABLES)))
        except Exception as e:
            case["error"] = str(e)
        cases.append(case)
    json.dump({"jinja2": jinja2.__version__, "variables": VARIABLES, "cases": cases}, sys.stdout, ensure_ascii=True, indent=0)
    print()


main()
