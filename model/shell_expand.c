/* shell_expand.c - words to fields: POSIX 2.6, in its order: tilde, parameters, commands and
 * arithmetic; then field splitting; then pathname expansion; then quote removal.
 *
 * Quotes are gone after parsing; what remains of them is an attribute per character (enum char_attr).
 */
#include <stdio.h>
#include <string.h>

#include "model/shell.h"

/* ---- the text under expansion ---- */

static void push_text(struct shell *sh)
{
    struct sh_text *t = proc_alloc(sh->c, sh->p, sizeof *t);
    t->below = sh->text;
    sh->text = t;
}

static void pop_text(struct shell *sh)
{
    struct sh_text *t = sh->text;
    sh->text = t->below;
    buf_fini(&sh->c->mem, &t->chars);
    buf_fini(&sh->c->mem, &t->attrs);
    mem_free(&sh->c->mem, t);
}

static void add_char(struct shell *sh, char ch, enum char_attr attr)
{
    buf_putc(&sh->c->mem, &sh->p->mem, &sh->text->chars, ch);
    buf_putc(&sh->c->mem, &sh->p->mem, &sh->text->attrs, (char)attr);
}

static void add_text(struct shell *sh, const char *s, size_t n, enum char_attr attr)
{
    struct sh_text *t = sh->text;
    if (t->chars.len + n > STRING_MAX_BYTES) {
        sh_limit_reached(sh, "out of memory", SH_STRING_LIMIT);
        return;
    }
    buf_add(&sh->c->mem, &sh->p->mem, &t->chars, s, n);
    size_t before = t->attrs.len;
    buf_add(&sh->c->mem, &sh->p->mem, &t->attrs, s, n); /* room; overwritten next */
    memset(t->attrs.data + before, attr, n);
}

static void add_value(struct shell *sh, const char *s, bool quoted)
{
    if (quoted && !*s)
        add_char(sh, ' ', ATTR_EMPTY);
    else
        add_text(sh, s, strlen(s), quoted ? ATTR_QUOTED : ATTR_SPLIT);
}

/* ---- fields ---- */

void sh_fields_add(struct shell *sh, struct sh_fields *f, char *owned)
{
    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 8;
        f->items = mem_grow(&sh->c->mem, &sh->p->mem, f->items, sizeof(char *) * f->cap);
    }
    f->items[f->count++] = owned;
    if (f->count > SH_ARGS_MAX)
        sh_limit_reached(sh, "argument list too long", "a command of the shell has more than 20000 words");
}

void sh_fields_free(struct shell *sh, struct sh_fields *f)
{
    for (uint32_t i = 0; f && i < f->count; i++)
        mem_free(&sh->c->mem, f->items[i]);
    if (f)
        mem_free(&sh->c->mem, f->items);
    mem_free(&sh->c->mem, f);
}

static bool is_glob_char(char ch) { return ch == '*' || ch == '?' || ch == '['; }

/* Characters [from, to) of the text as a plain string, or as a pattern with quoted specials escaped; with
 * `literal_backslash` those that came from an expansion are no quotes. */
static char *extract(struct shell *sh, size_t from, size_t to, bool pattern, bool literal_backslash)
{
    const struct sh_text *t = sh->text;
    struct mem_buf b = {0};
    buf_add(&sh->c->mem, &sh->p->mem, &b, "", 0);
    for (size_t i = from; i < to; i++) {
        enum char_attr attr = (enum char_attr)t->attrs.data[i];
        char ch = t->chars.data[i];
        if (attr == ATTR_BREAK || attr == ATTR_GAP)
            ch = ' ';
        if (attr == ATTR_EMPTY)
            continue;
        bool special = is_glob_char(ch) || ch == '\\' || ch == ']' || ch == '-' || ch == '!' || ch == '^';
        if (pattern && ((attr == ATTR_QUOTED && special) || (attr == ATTR_SPLIT && ch == '\\' && literal_backslash)))
            buf_putc(&sh->c->mem, &sh->p->mem, &b, '\\');
        buf_putc(&sh->c->mem, &sh->p->mem, &b, ch);
    }
    return b.data;
}

static void add_field(struct shell *sh, struct sh_fields *out, size_t from, size_t to)
{
    bool glob = false;
    for (size_t i = from; i < to && !(sh->options & OPTION_NOGLOB); i++)
        if ((sh->text->attrs.data[i] == ATTR_LITERAL || sh->text->attrs.data[i] == ATTR_SPLIT) &&
            is_glob_char(sh->text->chars.data[i]))
            glob = true;
    if (glob) {
        uint32_t before = out->count;
        char *pattern = extract(sh, from, to, true, sh->dialect != DIALECT_BASH);
        sh_glob(sh, pattern, out);
        mem_free(&sh->c->mem, pattern);
        if (out->count > before)
            return;
    }
    sh_fields_add(sh, out, extract(sh, from, to, false, false));
}

/* The character at i separates fields. */
static bool is_ifs(const struct sh_text *t, const char *ifs, size_t i)
{
    char ch = t->chars.data[i];
    return t->attrs.data[i] == ATTR_GAP || (t->attrs.data[i] == ATTR_SPLIT && ch && strchr(ifs, ch));
}

/* ... and many do so as one. */
static bool is_ifs_blank(const struct sh_text *t, size_t i)
{
    char ch = t->chars.data[i];
    return t->attrs.data[i] == ATTR_GAP || ch == ' ' || ch == '\t' || ch == '\n';
}

/* POSIX 2.6.5: runs of IFS blanks separate; each other IFS character ends a field. */
static void split_fields(struct shell *sh, struct sh_fields *out)
{
    const struct sh_text *t = sh->text;
    const char *ifs = sh_get(sh, "IFS");
    size_t i = 0, n = t->chars.len;

    if (!ifs)
        ifs = " \t\n";
    while (i < n && is_ifs(t, ifs, i) && is_ifs_blank(t, i))
        i++;
    while (i < n) {
        size_t from = i;
        while (i < n && !is_ifs(t, ifs, i) && t->attrs.data[i] != ATTR_BREAK)
            i++;
        if (i < n && t->attrs.data[i] == ATTR_BREAK) {
            add_field(sh, out, from, i++);
            continue;
        }
        add_field(sh, out, from, i);
        bool delimiter = false;
        while (i < n && is_ifs(t, ifs, i)) {
            if (!is_ifs_blank(t, i)) {
                if (delimiter)
                    break;
                delimiter = true;
            }
            i++;
        }
    }
}

/* ---- parameters ---- */

/* $@ and $*. Where nothing is split (`whole`) they are one string, joined by the first character of IFS, quoted or not:
 * ash.c varvalue. */
static void add_params(struct shell *sh, bool star, bool quoted, bool whole)
{
    const char *ifs = sh_get(sh, "IFS");
    bool joined = whole || (star && quoted);
    for (uint32_t i = 0; i < sh->argc; i++) {
        if (i && joined) {
            if (!ifs || *ifs)
                add_char(sh, ifs ? *ifs : ' ', quoted ? ATTR_QUOTED : ATTR_SPLIT);
        } else if (i) {
            add_char(sh, ' ', quoted ? ATTR_BREAK : ATTR_GAP);
        }
        if (quoted && !sh->args[i][0])
            add_char(sh, ' ', ATTR_EMPTY);
        else
            add_text(sh, sh->args[i], strlen(sh->args[i]), quoted ? ATTR_QUOTED : ATTR_SPLIT);
    }
    if (star && quoted && !sh->argc)
        add_char(sh, ' ', ATTR_EMPTY);
}

/* Whether the word under expansion becomes fields. */
static bool splits(const struct shell *sh)
{
    for (uint32_t i = sh->frame_count; i-- > 0;) {
        if (sh->frames[i].kind == FRAME_STRING)
            return false;
        if (sh->frames[i].kind == FRAME_WORDS)
            return sh->frames[i].flag;
    }
    return false;
}

static bool is_params(const struct sh_part *p) { return p->text[0] == '@' || p->text[0] == '*'; }

static void add_plain_param(struct shell *sh, const struct sh_part *p)
{
    char scratch[24];
    if (is_params(p)) {
        add_params(sh, p->text[0] == '*', p->quoted, !splits(sh));
        return;
    }
    const char *value = sh_param(sh, p->text, scratch);
    if (!value && (sh->options & OPTION_NOUNSET)) {
        sh_fatal(sh, sh->dialect == DIALECT_BASH ? 1 : 2, "%s: parameter not set", p->text);
        return;
    }
    if (value || p->quoted)
        add_value(sh, value ? value : "", p->quoted);
}

static bool is_set(struct shell *sh, const struct sh_part *p)
{
    char scratch[24];
    if (is_params(p)) { /* to ash they are set even if there are none */
        bool none = sh->argc == 0 || (sh->argc == 1 && !sh->args[0][0]);
        return p->colon ? !none : sh->dialect != DIALECT_BASH || sh->argc > 0;
    }
    const char *value = sh_param(sh, p->text, scratch);
    return value && (!p->colon || *value);
}

/* The value as one string ("$*" for @ and *), owned. */
static char *value_string(struct shell *sh, const struct sh_part *p)
{
    char scratch[24];
    if (!is_params(p)) {
        const char *value = sh_param(sh, p->text, scratch);
        return proc_strdup(sh->c, sh->p, value ? value : "");
    }
    struct mem_buf b = {0};
    buf_add(&sh->c->mem, &sh->p->mem, &b, "", 0);
    for (uint32_t i = 0; i < sh->argc; i++) {
        if (i)
            buf_putc(&sh->c->mem, &sh->p->mem, &b, ' ');
        buf_puts(&sh->c->mem, &sh->p->mem, &b, sh->args[i]);
    }
    return b.data;
}

/* What is left of `value` after cutting the pattern from one end. */
static void cut_ends(char *value, const char *pattern, enum sh_param_op op, const char **ret_from, size_t *ret_len)
{
    size_t n = strlen(value);
    *ret_from = value;
    *ret_len = n;
    bool prefix = op == PARAM_PREFIX || op == PARAM_PREFIX_LONG;
    bool longest = op == PARAM_PREFIX_LONG || op == PARAM_SUFFIX_LONG;
    for (size_t k = 0; k <= n; k++) {
        size_t length = longest ? n - k : k; /* of what is cut */
        bool match;
        if (prefix) {
            char saved = value[length];
            value[length] = '\0';
            match = sh_pattern_match(pattern, value);
            value[length] = saved;
        } else {
            match = sh_pattern_match(pattern, value + n - length);
        }
        if (match) {
            *ret_from = prefix ? value + length : value;
            *ret_len = n - length;
            return;
        }
    }
}

static size_t longest_match(char *s, const char *pattern)
{
    for (size_t n = strlen(s); n > 0; n--) {
        char saved = s[n];
        s[n] = '\0';
        bool match = sh_pattern_match(pattern, s);
        s[n] = saved;
        if (match)
            return n;
    }
    return 0;
}

static void replace(struct shell *sh, const struct sh_part *p, char *value, const char *pattern, const char *with)
{
    struct mem_buf b = {0};
    bool anchors = sh->dialect == DIALECT_BASH, done = !*pattern;
    bool at_start = anchors && pattern[0] == '#', at_end = anchors && pattern[0] == '%';
    size_t n = strlen(value);

    buf_add(&sh->c->mem, &sh->p->mem, &b, "", 0);
    if (at_start || at_end)
        pattern++;
    for (size_t i = 0; i <= n && b.len < STRING_MAX_BYTES;) {
        size_t length = done || (at_start && i) ? 0 : longest_match(value + i, pattern);
        if (length && (!at_end || i + length == n)) {
            buf_puts(&sh->c->mem, &sh->p->mem, &b, with);
            i += length;
            done = p->op == PARAM_REPLACE;
        } else if (i < n) {
            buf_putc(&sh->c->mem, &sh->p->mem, &b, value[i++]);
        } else {
            break;
        }
    }
    add_value(sh, b.data, p->quoted);
    buf_fini(&sh->c->mem, &b);
}

static bool arith_or_fail(struct shell *sh, const char *text, int64_t *ret)
{
    const char *error;
    if (sh_arith(sh, text, ret, &error) == 0)
        return true;
    if (sh->jump) /* said already */
        return false;
    if (sh->dialect == DIALECT_BUSYBOX)
        sh_fatal(sh, 2, "%s", error);
    else
        sh_fatal(sh, 2, "arithmetic expression: %s: \"%s\"",
                 strcmp(error, "divide by zero") == 0            ? "division by zero"
                 : strcmp(error, "arithmetic syntax error") == 0 ? "expecting primary"
                                                                 : error,
                 text);
    return false;
}

static void substring(struct shell *sh, const struct sh_part *p, const char *value, const char *from_text,
                      const char *count_text)
{
    int64_t n = (int64_t)strlen(value), from, count = n;
    if (!arith_or_fail(sh, from_text, &from) || (count_text && !arith_or_fail(sh, count_text, &count)))
        return;
    if (from < 0)
        from = n + from < 0 ? n : n + from;
    if (from > n)
        from = n;
    if (count < 0)
        count = n - from + count < 0 ? 0 : n - from + count;
    if (count > n - from)
        count = n - from;
    if (count)
        add_text(sh, value + from, (size_t)count, p->quoted ? ATTR_QUOTED : ATTR_SPLIT);
    else if (p->quoted)
        add_char(sh, ' ', ATTR_EMPTY);
}

/* ---- frames ---- */

char *sh_take_result(struct shell *sh)
{
    char *s = sh->result;
    sh->result = NULL;
    ASSERT(s);
    return s;
}

void sh_expand_string(struct shell *sh, const struct sh_word *word, enum expand_mode mode)
{
    struct sh_frame *f = sh_push(sh, FRAME_STRING, word);
    if (f)
        f->n = mode;
}

struct sh_fields *sh_expand_words(struct shell *sh, const struct sh_word *const *words, uint32_t count, bool split)
{
    struct sh_fields *out = proc_alloc(sh->c, sh->p, sizeof *out);
    struct sh_frame *f = sh_push(sh, FRAME_WORDS, words);
    if (f) {
        f->n = count;
        f->flag = f->exits = split;
        f->data = out;
    }
    return out;
}

static void push_parts(struct shell *sh, const struct sh_word *word, bool splits)
{
    struct sh_frame *f = sh_push(sh, FRAME_PARTS, word);
    if (f)
        f->flag = splits;
}

/* One unquoted piece of text is most words: no frames for it. */
static bool simple_word(const struct sh_word *w)
{
    if (w->count == 0)
        return false;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->parts[i].kind != PART_LITERAL)
            return false;
        for (uint32_t k = 0; k < w->parts[i].length && !w->parts[i].quoted; k++)
            if (is_glob_char(w->parts[i].text[k]))
                return false;
    }
    return true;
}

/* An argument of export, readonly, local or alias that is an assignment is expanded as one. */
static bool as_assignment(struct shell *sh, const struct sh_fields *before, const struct sh_word *w)
{
    uint32_t i = 0;
    while (i + 1 < before->count && strcmp(before->items[i], "command") == 0)
        i++;
    const struct sh_builtin_info *b = before->count ? sh_builtin_find(sh, before->items[i]) : NULL;
    return b && b->assigns && sh_word_is_assignment(w);
}

static char *simple_text(struct shell *sh, const struct sh_word *w)
{
    struct mem_buf b = {0};
    buf_add(&sh->c->mem, &sh->p->mem, &b, "", 0);
    for (uint32_t i = 0; i < w->count; i++)
        buf_add(&sh->c->mem, &sh->p->mem, &b, w->parts[i].text, w->parts[i].length);
    return b.data;
}

static enum step step_words(struct shell *sh, struct sh_frame *f)
{
    const struct sh_word *const *words = f->node;
    struct sh_fields *out = f->data;

    if (f->state == 1) { /* a word has been expanded into sh->text */
        if (f->flag)
            split_fields(sh, out);
        else
            sh_fields_add(sh, out, extract(sh, 0, sh->text->chars.len, false, false));
        pop_text(sh);
        f->state = 0;
        f->flag = f->exits;
        f->i++;
    }
    while (f->i < f->n && simple_word(words[f->i]))
        sh_fields_add(sh, out, simple_text(sh, words[f->i++]));
    if (f->i == f->n) {
        f->data = NULL; /* the consumer's */
        sh_pop(sh);
        return STEP_AGAIN;
    }
    f->state = 1;
    f->flag = f->exits && !as_assignment(sh, out, words[f->i]);
    push_text(sh);
    push_parts(sh, words[f->i], false);
    return STEP_AGAIN;
}

static enum step step_string(struct shell *sh, struct sh_frame *f)
{
    const struct sh_word *word = f->node;
    if (f->state == 0) {
        f->state = 1;
        push_text(sh);
        push_parts(sh, word, false);
        return STEP_AGAIN;
    }
    sh->result = extract(sh, 0, sh->text->chars.len, f->n == EXPAND_PATTERN, false);
    pop_text(sh);
    sh_pop(sh);
    return STEP_AGAIN;
}

static enum step step_parts(struct shell *sh, struct sh_frame *f)
{
    const struct sh_word *word = f->node;
    while (f->i < word->count) {
        const struct sh_part *p = &word->parts[f->i++];
        switch ((enum sh_part_kind)p->kind) {
        case PART_LITERAL:
            if (p->quoted && !p->length)
                add_char(sh, ' ', ATTR_EMPTY);
            else
                add_text(sh, p->text, p->length, p->quoted ? ATTR_QUOTED : f->flag ? ATTR_SPLIT : ATTR_LITERAL);
            break;
        case PART_TILDE: {
            const char *home = p->in_value && splits(sh) ? NULL : sh_get(sh, "HOME");
            add_text(sh, home ? home : "~", strlen(home ? home : "~"), ATTR_QUOTED);
            break;
        }
        case PART_PARAM:
            if (p->op == PARAM_PLAIN) {
                add_plain_param(sh, p);
                break;
            }
            sh_push(sh, FRAME_PARAM, p);
            return STEP_AGAIN;
        case PART_COMMAND:
            sh_push(sh, FRAME_SUBST, p);
            return STEP_AGAIN;
        case PART_ARITH:
            sh_push(sh, FRAME_ARITH, p);
            return STEP_AGAIN;
        }
        if (sh->jump)
            return STEP_AGAIN;
    }
    sh_pop(sh);
    return STEP_AGAIN;
}

/* ${x-w} and its like: the value, or the word in its place. */
static enum step step_param_choice(struct shell *sh, struct sh_frame *f, const struct sh_part *p)
{
    bool set = is_set(sh, p);
    if (p->op == PARAM_ALTERNATIVE ? !set : set) {
        if (p->op != PARAM_ALTERNATIVE)
            add_plain_param(sh, p);
        else if (p->quoted)
            add_char(sh, ' ', ATTR_EMPTY);
        sh_pop(sh);
        return STEP_AGAIN;
    }
    if (p->op == PARAM_DEFAULT || p->op == PARAM_ALTERNATIVE) {
        if (p->quoted && !p->word->count)
            add_char(sh, ' ', ATTR_EMPTY);
        f->kind = FRAME_PARTS;
        f->node = p->word;
        f->i = 0;
        f->flag = !p->quoted;
        return STEP_AGAIN;
    }
    f->state = 1;
    sh_expand_string(sh, p->word, EXPAND_STRING);
    return STEP_AGAIN;
}

static void finish_param(struct shell *sh, struct sh_frame *f, const struct sh_part *p)
{
    char *word = sh_take_result(sh);
    switch ((enum sh_param_op)p->op) {
    case PARAM_ASSIGN:
        if (!sh_is_name_start(p->text[0]))
            sh_fatal(sh, 2, "%s: bad variable name", p->text);
        else if (sh_set(sh, p->text, word))
            add_value(sh, word, p->quoted);
        break;
    case PARAM_ERROR:
        sh_fatal(sh, 2, "%s: %s", p->text, *word ? word : p->colon ? "parameter not set or null" : "parameter not set");
        break;
    case PARAM_PREFIX:
    case PARAM_PREFIX_LONG:
    case PARAM_SUFFIX:
    case PARAM_SUFFIX_LONG: {
        const char *from;
        size_t len;
        char *value = value_string(sh, p);
        cut_ends(value, word, (enum sh_param_op)p->op, &from, &len);
        if (len)
            add_text(sh, from, len, p->quoted ? ATTR_QUOTED : ATTR_SPLIT);
        else if (p->quoted)
            add_char(sh, ' ', ATTR_EMPTY);
        mem_free(&sh->c->mem, value);
        break;
    }
    case PARAM_REPLACE:
    case PARAM_REPLACE_ALL: {
        char *value = value_string(sh, p);
        replace(sh, p, value, f->data ? f->data : word, f->data ? word : "");
        mem_free(&sh->c->mem, value);
        break;
    }
    case PARAM_SUBSTRING: {
        char *value = value_string(sh, p);
        substring(sh, p, value, f->data ? f->data : word, f->data ? word : NULL);
        mem_free(&sh->c->mem, value);
        break;
    }
    case PARAM_PLAIN:
    case PARAM_LENGTH:
    case PARAM_DEFAULT:
    case PARAM_ALTERNATIVE:
    case PARAM_BAD:
        break;
    }
    mem_free(&sh->c->mem, word);
}

static enum step step_param(struct shell *sh, struct sh_frame *f)
{
    const struct sh_part *p = f->node;
    if (f->state == 1) {
        if (p->word2 && !f->data) {
            f->data = sh_take_result(sh);
            sh_expand_string(sh, p->word2, EXPAND_STRING);
            return STEP_AGAIN;
        }
        finish_param(sh, f, p);
        if (!sh->jump)
            sh_pop(sh);
        return STEP_AGAIN;
    }
    switch ((enum sh_param_op)p->op) {
    case PARAM_DEFAULT:
    case PARAM_ASSIGN:
    case PARAM_ERROR:
    case PARAM_ALTERNATIVE:
        return step_param_choice(sh, f, p);
    case PARAM_LENGTH: {
        char scratch[24];
        char *value = value_string(sh, p);
        bool count = is_params(p) && sh->dialect == DIALECT_BASH; /* to ash it is the length of all of them */
        if ((sh->options & OPTION_NOUNSET) && !is_set(sh, p))
            sh_fatal(sh, 2, "%s: parameter not set", p->text);
        snprintf(scratch, sizeof scratch, "%zu", count ? (size_t)sh->argc : strlen(value));
        mem_free(&sh->c->mem, value);
        add_value(sh, scratch, p->quoted);
        sh_pop(sh);
        return STEP_AGAIN;
    }
    case PARAM_BAD:
    bad:
        sh_fatal(sh, 2, "%s", sh->dialect == DIALECT_DASH ? "Bad substitution" : "syntax error: bad substitution");
        return STEP_AGAIN;
    case PARAM_PLAIN:
    case PARAM_PREFIX:
    case PARAM_PREFIX_LONG:
    case PARAM_SUFFIX:
    case PARAM_SUFFIX_LONG:
    case PARAM_REPLACE:
    case PARAM_REPLACE_ALL:
    case PARAM_SUBSTRING:
        break;
    }
    if (sh->dialect == DIALECT_DASH &&
        (p->op == PARAM_REPLACE || p->op == PARAM_REPLACE_ALL || p->op == PARAM_SUBSTRING))
        goto bad;
    if ((sh->options & OPTION_NOUNSET) && !is_set(sh, p)) {
        sh_fatal(sh, 2, "%s: parameter not set", p->text);
        return STEP_AGAIN;
    }
    f->state = 1;
    sh_expand_string(sh, p->word, p->op == PARAM_SUBSTRING ? EXPAND_STRING : EXPAND_PATTERN);
    return STEP_AGAIN;
}

static enum step step_arith(struct shell *sh, struct sh_frame *f)
{
    const struct sh_part *p = f->node;
    if (f->state == 0) {
        f->state = 1;
        sh_expand_string(sh, p->word, EXPAND_STRING);
        return STEP_AGAIN;
    }
    int64_t value;
    char *text = sh_take_result(sh);
    bool good = arith_or_fail(sh, text, &value);
    mem_free(&sh->c->mem, text);
    if (!good)
        return STEP_AGAIN;
    char scratch[24];
    snprintf(scratch, sizeof scratch, "%lld", (long long)value);
    add_value(sh, scratch, p->quoted);
    sh_pop(sh);
    return STEP_AGAIN;
}

/* ---- $( ) ---- */

struct sh_subst {
    struct ofile *read;
    struct mem_buf output;
};

static bool is_bare_trap(const struct sh_node *n)
{
    if (n->kind != NODE_SIMPLE || n->count != 1 || n->words[0]->count != 1)
        return false;
    const struct sh_part *p = &n->words[0]->parts[0];
    return p->kind == PART_LITERAL && strcmp(p->text, "trap") == 0;
}

static enum step begin_subst(struct shell *sh, struct sh_frame *f, const struct sh_part *p)
{
    struct ofile *fds[PROC_FDS], *write;
    struct sh_subst *d = proc_alloc(sh->c, sh->p, sizeof *d);

    f->data = d;
    pipe_new(sh->c, sh->p->container, &d->read, &write);
    memcpy(fds, sh->p->fds, sizeof fds);
    fds[1] = write;
    sh_forget_waited_job(sh);
    struct proc *child = sh_fork(sh, p->node, fds, false, false);
    ofile_unref(sh->c, write);
    if (!child)
        return STEP_AGAIN; /* the shell is ending: cannot fork */
    struct shell *to = child->data;
    if (sh->dialect != DIALECT_DASH) /* ash.c evalbackcmd */
        to->options &= ~(uint32_t)OPTION_ERREXIT;
    if (sh->dialect != DIALECT_DASH && is_bare_trap(p->node)) { /* ash.c forkchild: traps=$(trap) */
        for (int i = 0; i < SH_TRAP_COUNT; i++)
            sh_set_trap(to, i, sh_trap(sh, i));
        to->traps_shown = true;
    }
    f->i = (uint32_t)child->pid;
    f->state = 1;
    return STEP_AGAIN;
}

static enum step read_subst(struct shell *sh, struct sh_frame *f, struct sh_subst *d)
{
    char bytes[1024];
    int64_t n = ofile_read(sh->c, sh->p, d->read, bytes, sizeof bytes);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    if (n <= 0) {
        f->state = 2;
        return STEP_AGAIN;
    }
    for (int64_t i = 0; i < n; i++)
        if (bytes[i])
            buf_putc(&sh->c->mem, &sh->p->mem, &d->output, bytes[i]);
    if (d->output.len > STRING_MAX_BYTES)
        sh_limit_reached(sh, "out of memory", SH_STRING_LIMIT);
    return STEP_AGAIN;
}

static enum step step_subst(struct shell *sh, struct sh_frame *f)
{
    const struct sh_part *p = f->node;
    struct sh_subst *d = f->data;

    if (f->state == 0 && !p->node) { /* $() */
        sh->subst_status = 0;
        if (p->quoted)
            add_char(sh, ' ', ATTR_EMPTY);
        sh_pop(sh);
        return STEP_AGAIN;
    }
    if (f->state == 0)
        return begin_subst(sh, f, p);
    if (f->state == 1)
        return read_subst(sh, f, d);
    struct proc *zombie = proc_zombie(sh->p, (int32_t)f->i);
    if (!zombie && proc_has_child(sh->p, (int32_t)f->i))
        return proc_block_for(sh->p, WAIT_CHILD, SIM_NEVER);
    sh->subst_status = zombie ? proc_wait_status(zombie) : 0;
    sh->status = sh->subst_status;
    if (zombie) {
        int number = zombie->exit_signal;
        proc_reap(sh->c, zombie);
        sh_report_signal(sh, number);
    }
    while (d->output.len && d->output.data[d->output.len - 1] == '\n')
        d->output.data[--d->output.len] = '\0';
    add_value(sh, buf_str(&d->output), p->quoted);
    if (!sh->jump)
        sh_pop(sh);
    return STEP_AGAIN;
}

enum step sh_step_expand(struct shell *sh, struct sh_frame *f)
{
    switch ((enum frame_kind)f->kind) {
    case FRAME_WORDS:
        return step_words(sh, f);
    case FRAME_STRING:
        return step_string(sh, f);
    case FRAME_PARTS:
        return step_parts(sh, f);
    case FRAME_PARAM:
        return step_param(sh, f);
    case FRAME_ARITH:
        return step_arith(sh, f);
    default:
        ASSERT(f->kind == FRAME_SUBST);
        return step_subst(sh, f);
    }
}

/* When a frame is popped, finished or not. */
void sh_expand_cleanup(struct shell *sh, struct sh_frame *f)
{
    switch ((enum frame_kind)f->kind) {
    case FRAME_WORDS: /* the fields belong to whoever asked for them */
        f->data = NULL;
        break;
    case FRAME_SUBST: {
        struct sh_subst *d = f->data;
        if (d) {
            ofile_unref(sh->c, d->read);
            buf_fini(&sh->c->mem, &d->output);
        }
        break;
    }
    default:
        break;
    }
}
