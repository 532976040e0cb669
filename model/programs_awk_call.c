/* programs_awk_call.c - awk's functions, getline and print. What may have to wait leaves the stack as it was. */
#include "model/programs_awk_machine.h"

#include <string.h>

#include "model/programs_regex.h"

/* ---- text functions ---- */

static void do_substr(struct awk *a, int count)
{
    awk_number length = count > 2 ? awk_pop_number(a) : (awk_number)INT64_MAX * AWK_ONE;
    awk_number from = awk_pop_number(a);
    struct awk_string *s = awk_pop_string(a);
    /* Both are rounded, as POSIX says. */
    int64_t start = awk_whole(from + (from < 0 ? -AWK_ONE / 2 : AWK_ONE / 2));
    if (start < 1 && !is_gnu(a->p)) /* busybox counts from the first character then */
        start = 1;
    int64_t end =
        length > (awk_number)STRING_MAX_BYTES * 2 * AWK_ONE ? INT64_MAX : start + awk_whole(length + AWK_ONE / 2);
    start = start < 1 ? 1 : start;
    end = end > (int64_t)s->len + 1 ? (int64_t)s->len + 1 : end;
    awk_push(a, end > start ? awk_text(a, s->text + start - 1, (size_t)(end - start)) : awk_text(a, "", 0));
    awk_string_drop(a, s);
}

static void do_match(struct awk *a)
{
    struct awk_string *pattern = awk_pop_string(a), *s = awk_pop_string(a);
    struct regex_match m;
    bool hit = regex_search(a->c, pattern->text, s->text, 0, REGEX_EXTENDED, &m);
    awk_set_var(a, VAR_RSTART, awk_of(hit ? (awk_number)(m.from[0] + 1) * AWK_ONE : 0));
    awk_set_var(a, VAR_RLENGTH, awk_of(hit ? (awk_number)(m.to[0] - m.from[0]) * AWK_ONE : -AWK_ONE));
    awk_push_number(a, hit ? (int64_t)m.from[0] + 1 : 0);
    awk_string_drop(a, pattern);
    awk_string_drop(a, s);
}

static void add_replacement(struct awk *a, struct mem_buf *out, const char *with, const char *s, size_t n)
{
    for (; *with; with++) {
        if (*with == '\\' && (with[1] == '&' || with[1] == '\\'))
            buf_putc(&a->c->mem, NULL, out, *++with);
        else if (*with == '&')
            buf_add(&a->c->mem, NULL, out, s, n);
        else
            buf_putc(&a->c->mem, NULL, out, *with);
    }
}

void awk_do_sub(struct awk *a, int32_t kind, int32_t variable, bool all)
{
    struct where w = awk_pop_place(a, kind, variable);
    struct awk_string *with = awk_pop_string(a), *pattern = awk_pop_string(a);
    struct awk_value old = awk_load(a, &w);
    struct awk_string *s = awk_to_string(a, &old, awk_var_text(a, VAR_CONVFMT));
    struct mem_buf out = {0};
    struct regex_match m;
    size_t at = 0, last = SIZE_MAX;
    int64_t count = 0;
    buf_puts(&a->c->mem, NULL, &out, "");
    while (at <= s->len && (all || !count) && out.len < STRING_MAX_BYTES &&
           regex_search(a->c, pattern->text, s->text, at, REGEX_EXTENDED, &m)) {
        bool empty = m.to[0] == m.from[0];
        buf_add(&a->c->mem, NULL, &out, s->text + at, m.from[0] - at);
        if (!(empty && m.from[0] == last)) {
            add_replacement(a, &out, with->text, s->text + m.from[0], m.to[0] - m.from[0]);
            count++;
        }
        last = at = m.to[0];
        if (empty && at < s->len)
            buf_putc(&a->c->mem, NULL, &out, s->text[at]);
        at += empty;
    }
    if (at < s->len)
        buf_add(&a->c->mem, NULL, &out, s->text + at, s->len - at);
    if (count)
        awk_store(a, &w, awk_text(a, out.data, out.len));
    awk_push_number(a, count);
    buf_fini(&a->c->mem, &out);
    awk_string_drop(a, s);
    awk_string_drop(a, with);
    awk_string_drop(a, pattern);
    awk_string_drop(a, w.key);
    awk_drop(a, &old);
}

void awk_do_split(struct awk *a, int32_t array, bool given)
{
    struct awk_string *separator = given ? awk_pop_string(a) : NULL, *s = awk_pop_string(a);
    struct awk_array *t = awk_array_of(a, array);
    awk_array_clear(a, t);
    awk_push_number(a, awk_split(a, s->text, separator ? separator->text : awk_var_text(a, VAR_FS), t, false));
    awk_string_drop(a, separator);
    awk_string_drop(a, s);
}

static void do_case(struct awk *a, bool upper)
{
    struct awk_string *s = awk_pop_string(a);
    struct awk_value v = awk_text(a, s->text, s->len);
    for (char *at = v.string->text; *at; at++)
        *at = (char)(upper && *at >= 'a' && *at <= 'z'    ? *at - 32
                     : !upper && *at >= 'A' && *at <= 'Z' ? *at + 32
                                                          : *at);
    awk_push(a, v);
    awk_string_drop(a, s);
}

static void do_index(struct awk *a)
{
    struct awk_string *what = awk_pop_string(a), *s = awk_pop_string(a);
    const char *at = strstr(s->text, what->text);
    awk_push_number(a, at ? at - s->text + 1 : 0);
    awk_string_drop(a, what);
    awk_string_drop(a, s);
}

static void do_length(struct awk *a, int count)
{
    if (count && a->sp && a->stack[a->sp - 1].kind == AWK_ARRAY) {
        struct awk_value v = awk_pop(a);
        awk_push_number(a, v.array->count);
        return;
    }
    if (!count)
        awk_push(a, awk_get_field(a, 0));
    struct awk_string *s = awk_pop_string(a);
    awk_push_number(a, (int64_t)s->len);
    awk_string_drop(a, s);
}

static void do_sprintf(struct awk *a, int count)
{
    struct mem_buf out = {0};
    struct awk_value *args = &a->stack[a->sp - count];
    struct awk_string *format = awk_to_string(a, &args[0], awk_var_text(a, VAR_CONVFMT));
    buf_puts(&a->c->mem, NULL, &out, "");
    awk_format(a, &out, format->text, args + 1, count - 1);
    awk_string_drop(a, format);
    awk_drop_to(a, a->sp - count);
    awk_push(a, awk_text(a, out.data, out.len));
    buf_fini(&a->c->mem, &out);
}

static void do_strftime(struct awk *a, int count)
{
    struct mem_buf out = {0};
    int64_t at = count > 1 ? awk_whole(awk_pop_number(a)) : epoch_now(a->c);
    struct awk_string *format = count ? awk_pop_string(a) : awk_string_new(a, "%c", 2);
    buf_puts(&a->c->mem, NULL, &out, "");
    format_date(a->c, &out, format->text, at, -1);
    awk_push(a, awk_text(a, out.data, out.len));
    awk_string_drop(a, format);
    buf_fini(&a->c->mem, &out);
}

/* ---- numbers ---- */

static void do_random(struct awk *a)
{
    a->seed = a->seed * 6364136223846793005u + 1442695040888963407u;
    awk_push(a, awk_of((awk_number)((a->seed >> 33) % 1000000000u)));
}

static void do_srand(struct awk *a, int count)
{
    uint64_t before = a->last_seed;
    a->last_seed = count ? (uint64_t)awk_whole(awk_pop_number(a)) : (uint64_t)epoch_now(a->c);
    a->seed = a->last_seed * 2862933555777941757u + 3037000493u;
    awk_push_number(a, (int64_t)before);
}

static void do_bits(struct awk *a, enum awk_builtin function)
{
    uint64_t y = function == FN_COMPL ? 0 : (uint64_t)awk_whole(awk_pop_number(a)),
             x = (uint64_t)awk_whole(awk_pop_number(a));
    uint64_t r = function == FN_AND      ? x & y
                 : function == FN_OR     ? x | y
                 : function == FN_XOR    ? x ^ y
                 : function == FN_LSHIFT ? (y < 64 ? x << y : 0)
                 : function == FN_RSHIFT ? (y < 64 ? x >> y : 0)
                                         : ~x;
    awk_push(a, awk_of((awk_number)r * AWK_ONE));
}

/* ---- what may have to wait ---- */

static enum outcome do_system(struct awk *a)
{
    if (!a->child) {
        struct awk_string *command = awk_to_string(a, &a->stack[a->sp - 1], "%.6g");
        struct proc *child = awk_shell(a, command->text, NULL, NULL);
        awk_string_drop(a, command);
        a->child = child ? child->pid : -1;
        if (child)
            return a->child_wait = true, WAIT;
    }
    struct proc *zombie = a->child > 0 ? proc_zombie(a->p, a->child) : NULL;
    if (a->child > 0 && !zombie && proc_has_child(a->p, a->child))
        return a->child_wait = true, WAIT;
    int status = zombie ? proc_wait_status(zombie) : -1;
    if (zombie)
        proc_reap(a->c, zombie);
    a->child = 0;
    awk_drop_to(a, a->sp - 1);
    awk_push_number(a, status);
    return GO_ON;
}

static enum outcome do_close(struct awk *a)
{
    bool wait = false;
    struct awk_string *name = awk_to_string(a, &a->stack[a->sp - 1], "%.6g");
    int status = awk_close(a, name->text, &wait);
    awk_string_drop(a, name);
    if (wait)
        return a->child_wait = true, WAIT;
    awk_drop_to(a, a->sp - 1);
    awk_push_number(a, status);
    return GO_ON;
}

void awk_count_record(struct awk *a, bool file)
{
    awk_set_var(a, VAR_NR, awk_of(awk_to_number(&a->vars[VAR_NR]) + AWK_ONE));
    if (file)
        awk_set_var(a, VAR_FNR, awk_of(awk_to_number(&a->vars[VAR_FNR]) + AWK_ONE));
}

/* The text of a file or command stands below the place's key, or above it. */
enum outcome awk_do_getline(struct awk *a, const int32_t *w)
{
    enum awk_from from = (enum awk_from)w[0];
    bool named = w[1], keyed = named && (w[2] == PLACE_FIELD || w[2] == PLACE_ELEM);
    struct awk_value record = {.kind = AWK_NONE};
    int r;
    if (from == FROM_INPUT) {
        r = awk_main_record(a, &record);
    } else {
        const struct awk_value *text = &a->stack[a->sp - 1 - (from == FROM_COMMAND && keyed)];
        struct awk_string *name = awk_to_string(a, text, "%.6g");
        struct awk_stream *s = awk_open(a, name->text, (int)from, true);
        awk_string_drop(a, name);
        r = s ? awk_read_record(a, s, &record) : -1;
    }
    if (r == -2)
        return WAIT;
    if (from == FROM_FILE)
        awk_drop_to(a, a->sp - 1);
    struct where place = named ? awk_pop_place(a, w[2], w[3]) : (struct where){.kind = PLACE_FIELD};
    if (from == FROM_COMMAND)
        awk_drop_to(a, a->sp - 1);
    if (r > 0 && from != FROM_FILE)
        awk_count_record(a, from == FROM_INPUT);
    if (r > 0)
        awk_store(a, &place, record);
    awk_string_drop(a, place.key);
    awk_push_number(a, r);
    return GO_ON;
}

enum outcome awk_do_print(struct awk *a, bool format, int count, enum awk_redirect to)
{
    struct mem_buf out = {0};
    struct awk_string *name = to == TO_STDOUT ? NULL : awk_pop_string(a);
    const struct awk_value *args = &a->stack[a->sp - count];
    buf_puts(&a->c->mem, NULL, &out, "");
    if (format && count) {
        struct awk_string *text = awk_to_string(a, &args[0], "%.6g");
        awk_format(a, &out, text->text, args + 1, count - 1);
        awk_string_drop(a, text);
    }
    for (int i = 0; !format && i < (count ? count : 1); i++) {
        struct awk_value record = count ? awk_copy(&args[i]) : awk_get_field(a, 0);
        struct awk_string *s = awk_to_string(a, &record, awk_var_text(a, VAR_OFMT));
        if (i)
            buf_puts(&a->c->mem, NULL, &out, awk_var_text(a, VAR_OFS));
        buf_add(&a->c->mem, NULL, &out, s->text, s->len);
        awk_string_drop(a, s);
        awk_drop(a, &record);
    }
    if (!format)
        buf_puts(&a->c->mem, NULL, &out, awk_var_text(a, VAR_ORS));
    awk_drop_to(a, a->sp - count);
    struct awk_stream *s = name ? awk_open(a, name->text, (int)to, false) : NULL;
    int r = name && !s ? FD_OK : ofile_write(a->c, a->p, s ? s->file : a->p->fds[1], out.data, out.len);
    awk_string_drop(a, name);
    buf_fini(&a->c->mem, &out);
    if (name && !s)
        a->exiting = a->failed = true;
    if (r != FD_OK && !name)
        a->exiting = a->failed = true;
    return a->failed ? LEAVE : GO_ON;
}

enum outcome awk_builtin(struct awk *a, enum awk_builtin function, int count)
{
    if (count == 0 &&
        strchr((char[]){FN_INDEX + 1, FN_INT + 1, FN_TOLOWER + 1, FN_SYSTEM + 1, FN_CLOSE + 1, FN_SQRT + 1, 0},
               (int)function + 1))
        awk_push(a, (struct awk_value){.kind = AWK_NONE});
    switch (function) {
    case FN_LENGTH:
        do_length(a, count);
        break;
    case FN_SUBSTR:
        do_substr(a, count);
        break;
    case FN_INDEX:
        do_index(a);
        break;
    case FN_MATCH:
        do_match(a);
        break;
    case FN_SPRINTF:
        if (count)
            do_sprintf(a, count);
        else
            awk_push(a, awk_text(a, "", 0));
        break;
    case FN_SQRT:
        awk_push(a, awk_of(awk_arithmetic(OP_POWER, awk_pop_number(a), AWK_ONE / 2)));
        break;
    case FN_INT:
        awk_push(a, awk_of(awk_pop_number(a) / AWK_ONE * AWK_ONE));
        break;
    case FN_RAND:
        do_random(a);
        break;
    case FN_SRAND:
        do_srand(a, count);
        break;
    case FN_TOLOWER:
    case FN_TOUPPER:
        do_case(a, function == FN_TOUPPER);
        break;
    case FN_SYSTEM:
        return do_system(a);
    case FN_CLOSE:
        return do_close(a);
    case FN_FFLUSH:
        awk_drop_to(a, a->sp - count);
        awk_push_number(a, 0);
        break;
    case FN_SYSTIME:
        awk_push_number(a, epoch_now(a->c));
        break;
    case FN_STRFTIME:
        do_strftime(a, count);
        break;
    default:
        do_bits(a, function);
    }
    return GO_ON;
}
