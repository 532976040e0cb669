/* programs_sed_parse.c - sed's scripts as busybox (editors/sed.c) and GNU sed read them. GNU's own: first~step, ~N,
 * q5, Q. Messages are busybox's.
 */
#include "model/programs_sed.h"

#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

struct parser {
    struct cri *c;
    struct proc *p;
    struct sed_script *script;
    const char *at;
    bool failed;
    int open[32]; /* '{' without their '}' */
    int depth;
};

static void fail(struct parser *ps, const char *what)
{
    if (!ps->failed && is_gnu(ps->p))
        err_printf(ps->c, ps->p, "-e expression #1, char 1: %s", what);
    else if (!ps->failed)
        err_printf(ps->c, ps->p, "%s", what);
    ps->failed = true;
}

static void put(struct parser *ps, struct mem_buf *b, char ch) { buf_putc(&ps->c->mem, &ps->p->mem, b, ch); }

/* A bracket expression is copied whole: the delimiter may stand in it. */
static void copy_bracket(struct parser *ps, struct mem_buf *b)
{
    const char *s = ps->at, *close = s + 1 + (s[1] == '^');
    close += *close == ']';
    while (*close && *close != ']') {
        if (*close == '[' && strchr(":.=", close[1]) && close[1]) {
            const char *inner = strstr(close + 2, "]");
            if (!inner)
                break;
            close = inner;
        }
        close++;
    }
    if (!*close) { /* not closed: an ordinary character */
        put(ps, b, *ps->at++);
        return;
    }
    for (; s <= close; s++) {
        if (*s == '\\' && (s[1] == 'n' || s[1] == 't')) {
            put(ps, b, s[1] == 'n' ? '\n' : '\t');
            s++;
        } else {
            put(ps, b, *s);
        }
    }
    ps->at = close + 1;
}

/* Text up to `end`, which may be escaped. In a pattern "\n" is a newline. */
static const char *delimited(struct parser *ps, char end, bool pattern)
{
    struct mem_buf b = {0};
    buf_puts(&ps->c->mem, &ps->p->mem, &b, "");
    while (*ps->at && *ps->at != end) {
        if (pattern && *ps->at == '[') {
            copy_bracket(ps, &b);
        } else if (*ps->at == '\\' && ps->at[1] == end) {
            if (!pattern && end == '&')
                put(ps, &b, '\\');
            put(ps, &b, ps->at[1]);
            ps->at += 2;
        } else if (*ps->at == '\\' && pattern && ps->at[1] == 'n') {
            put(ps, &b, '\n');
            ps->at += 2;
        } else if (*ps->at == '\\' && ps->at[1]) {
            put(ps, &b, ps->at[0]);
            put(ps, &b, ps->at[1]);
            ps->at += 2;
        } else {
            put(ps, &b, *ps->at++);
        }
    }
    if (!*ps->at)
        fail(ps, proc_printf(ps->c, ps->p, "unmatched '%c'", end));
    else
        ps->at++;
    return b.data;
}

static int64_t number(struct parser *ps)
{
    int64_t n = 0;
    for (; sh_is_digit(*ps->at) && n < INT64_MAX / 20; ps->at++)
        n = n * 10 + (*ps->at - '0');
    return n;
}

static void spaces(struct parser *ps) { ps->at += strspn(ps->at, " \t"); }

static const char *checked_pattern(struct parser *ps, char end)
{
    const char *pattern = delimited(ps, end, true);
    const char *wrong = regex_error(pattern, ps->script->extended ? REGEX_EXTENDED : 0);
    if (wrong)
        fail(ps, is_gnu(ps->p) ? wrong : proc_printf(ps->c, ps->p, "bad regex '%s': %s", pattern, wrong));
    return pattern;
}

static void parse_address(struct parser *ps, struct sed_address *a)
{
    if (sh_is_digit(*ps->at)) {
        a->kind = ADDRESS_LINE;
        a->line = number(ps);
        if (*ps->at == '~' && is_gnu(ps->p)) {
            ps->at++;
            a->kind = ADDRESS_STEP;
            a->step = number(ps);
        }
    } else if (*ps->at == '$') {
        a->kind = ADDRESS_LAST;
        ps->script->peeks = true;
        ps->at++;
    } else if (*ps->at == '/' || (*ps->at == '\\' && ps->at[1] && ps->at[1] != '\n')) {
        ps->at += *ps->at == '\\';
        char end = *ps->at++;
        a->kind = ADDRESS_PATTERN;
        a->pattern = checked_pattern(ps, end);
        if (*ps->at == 'I') {
            a->icase = true;
            ps->at++;
        }
    }
}

static void parse_addresses(struct parser *ps, struct sed_command *k)
{
    parse_address(ps, &k->from);
    if (is_gnu(ps->p) && k->from.kind != ADDRESS_NONE)
        spaces(ps);
    if (k->from.kind != ADDRESS_NONE && *ps->at == ',') {
        ps->at++;
        spaces(ps);
        if (*ps->at == '+') {
            ps->at++;
            k->to.kind = ADDRESS_PLUS;
            k->to.line = number(ps);
        } else {
            parse_address(ps, &k->to);
            if (k->to.kind == ADDRESS_NONE)
                fail(ps, "no address after comma");
        }
    }
    spaces(ps);
    while (*ps->at == '!') {
        k->negated = true;
        ps->at++;
        spaces(ps);
    }
}

/* Up to the end of the line: a file's name, a label ends at ";" too. */
static const char *word(struct parser *ps, const char *ends)
{
    spaces(ps);
    size_t n = strcspn(ps->at, ends);
    const char *text = mem_strndup(&ps->c->mem, &ps->p->mem, ps->at, n);
    ps->at += n;
    return text;
}

static void parse_substitution(struct parser *ps, struct sed_command *k)
{
    char end = *ps->at;
    if (!end || end == '\n' || end == '\\') {
        fail(ps, "bad substitution expression");
        return;
    }
    ps->at++;
    k->pattern = checked_pattern(ps, end);
    if (ps->failed)
        return;
    k->text = delimited(ps, end, false);
    for (; *ps->at && strchr("gpiIeMm0123456789w", *ps->at); ps->at++) {
        if (*ps->at == 'w') {
            ps->at++;
            k->file = word(ps, "\n");
            return;
        }
        if (*ps->at == 'g' && !is_gnu(ps->p))
            k->nth = 0; /* busybox: the later of number and g counts */
        k->global |= *ps->at == 'g';
        k->print |= *ps->at == 'p';
        k->icase |= *ps->at == 'i' || *ps->at == 'I';
        if (sh_is_digit(*ps->at)) {
            k->nth = number(ps);
            ps->at--;
            if (!is_gnu(ps->p))
                k->global = false;
        }
    }
}

/* The lines of a, i, c: up to a newline that no backslash escapes. */
static const char *parse_text(struct parser *ps)
{
    struct mem_buf b = {0};
    buf_puts(&ps->c->mem, &ps->p->mem, &b, "");
    spaces(ps);
    if (*ps->at == '\\') {
        ps->at++;
        size_t blank = strspn(ps->at, " \t");
        if (ps->at[blank] == '\n')
            ps->at += blank + 1;
    } else if (!*ps->at)
        fail(ps, is_gnu(ps->p) ? "expected \\ after `a', `c' or `i'" : "expected \\ after 'a', 'c' or 'i'");
    for (; *ps->at && *ps->at != '\n'; ps->at++) {
        if (*ps->at == '\\' && ps->at[1]) {
            ps->at++;
            put(ps, &b, *ps->at == 't' ? '\t' : *ps->at == 'n' ? '\n' : *ps->at);
        } else {
            put(ps, &b, *ps->at);
        }
    }
    return b.data;
}

/* Both sets of y, unescaped and of one length. */
static void parse_transliteration(struct parser *ps, struct sed_command *k)
{
    char end = *ps->at, *sets[2];
    if (!end) {
        fail(ps, "bad substitution expression");
        return;
    }
    ps->at++;
    for (int i = 0; i < 2; i++) {
        sets[i] = proc_strdup(ps->c, ps->p, delimited(ps, end, false));
        char *out = sets[i];
        for (const char *s = sets[i]; *s; s++) {
            if (*s == '\\' && s[1])
                s++, *out++ = (char)(*s == 'n' ? '\n' : *s == 't' ? '\t' : *s);
            else
                *out++ = *s;
        }
        *out = '\0';
    }
    k->pattern = sets[0];
    k->text = sets[1];
    if (is_gnu(ps->p) && strlen(sets[0]) != strlen(sets[1]))
        fail(ps, "strings for `y' command are different lengths");
}

static void parse_block(struct parser *ps, struct sed_command *k, int index)
{
    if (k->name == '{' && ps->depth < (int)ARRAY_LEN(ps->open)) {
        ps->open[ps->depth++] = index;
    } else if (k->name == '}' && ps->depth) {
        ps->script->commands[ps->open[--ps->depth]].end = index + 1;
    } else if (k->name == '}' && is_gnu(ps->p)) {
        fail(ps, "unexpected `}'");
    }
}

static void parse_arguments(struct parser *ps, struct sed_command *k, int index)
{
    switch (k->name) {
    case 's':
        parse_substitution(ps, k);
        break;
    case 'y':
        parse_transliteration(ps, k);
        break;
    case 'a':
    case 'i':
    case 'c':
        k->text = parse_text(ps);
        break;
    case 'r':
    case 'w':
        k->text = word(ps, "\n");
        break;
    case ':':
    case 'b':
    case 't':
    case 'T':
        k->text = word(ps, k->name == ':' && is_gnu(ps->p) ? ";\n\t " : ";}\n\t ");
        break;
    case '{':
    case '}':
        parse_block(ps, k, index);
        break;
    case 'q':
    case 'Q':
        spaces(ps);
        if (is_gnu(ps->p) && sh_is_digit(*ps->at))
            k->nth = number(ps);
        break;
    default:
        break;
    }
}

static bool known(const struct parser *ps, char name)
{
    return name && strchr(is_gnu(ps->p) ? "saicrwbtTydDgGhHlnNpPqQx=:{}z" : "saicrwbtTydDgGhHlnNpPqx=:{}", name);
}

static struct sed_command *new_command(struct parser *ps)
{
    struct sed_script *s = ps->script;
    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->commands = mem_grow(&ps->c->mem, &ps->p->mem, s->commands, sizeof *s->commands * (size_t)s->cap);
    }
    memset(&s->commands[s->count], 0, sizeof *s->commands);
    return &s->commands[s->count++];
}

static void parse_command(struct parser *ps)
{
    struct sed_command *k = new_command(ps);
    int index = ps->script->count - 1;
    parse_addresses(ps, k);
    if (ps->failed)
        return;
    k->name = *ps->at;
    if (!known(ps, k->name)) {
        if (!k->name || k->name == '\n')
            fail(ps, "missing command");
        else
            fail(ps, is_gnu(ps->p) ? proc_printf(ps->c, ps->p, "unknown command: `%c'", k->name)
                                   : proc_printf(ps->c, ps->p, "unsupported command %c", k->name));
        return;
    }
    ps->at++;
    parse_arguments(ps, k, index);
    spaces(ps);
    if (!ps->failed && *ps->at && !strchr(";\n}#", *ps->at) && !strchr("{}", k->name) && is_gnu(ps->p))
        fail(ps, "extra characters after command");
}

/* Where the branches go. */
static void find_labels(struct parser *ps)
{
    struct sed_script *s = ps->script;
    for (int i = 0; i < s->count && !ps->failed; i++) {
        struct sed_command *k = &s->commands[i];
        if (k->name == '{' && !k->end)
            k->end = s->count;
        if (!strchr("btT", k->name))
            continue;
        k->end = *k->text ? -1 : s->count;
        for (int l = 0; l < s->count; l++)
            if (s->commands[l].name == ':' && strcmp(s->commands[l].text, k->text) == 0)
                k->end = l;
        if (k->end < 0)
            fail(ps, proc_printf(ps->c, ps->p, "can't find label for jump to '%s'", k->text));
    }
}

bool sed_parse(struct cri *c, struct proc *p, struct sed_script *script, const char *text)
{
    struct parser ps = {.c = c, .p = p, .script = script, .at = text};
    if (text[0] == '#' && text[1] == 'n' && (text[2] == '\n' || !text[2]))
        script->quiet = true;
    while (!ps.failed) {
        ps.at += strspn(ps.at, "; \t\n");
        if (*ps.at == '#') {
            ps.at += strcspn(ps.at, "\n");
            continue;
        }
        if (!*ps.at)
            break;
        parse_command(&ps);
    }
    if (!ps.failed && ps.depth && is_gnu(p)) /* busybox does not mind */
        fail(&ps, "unmatched `{'");
    find_labels(&ps);
    return !ps.failed;
}
