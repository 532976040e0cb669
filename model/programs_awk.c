/* programs_awk.c - awk's machine: a stack, and instructions that may have to wait (see programs_awk.h).
 *
 * An instruction that waits has not moved the program counter nor the stack: it is carried out again.
 */
#include "model/programs_awk_machine.h"

#include <string.h>

#include "model/programs_regex.h"
#include "model/shell.h"

/* ---- the stack ---- */

void awk_push(struct awk *a, struct awk_value v)
{
    if (a->sp == AWK_STACK) {
        if (!a->failed)
            err_printf(a->c, a->p, "stack overflow");
        a->failed = true;
        awk_drop(a, &v);
        return;
    }
    a->stack[a->sp++] = v;
}

void awk_push_number(struct awk *a, int64_t n) { awk_push(a, awk_of((awk_number)n * AWK_ONE)); }
struct awk_value awk_pop(struct awk *a) { return a->sp ? a->stack[--a->sp] : (struct awk_value){.kind = AWK_NONE}; }

awk_number awk_pop_number(struct awk *a)
{
    struct awk_value v = awk_pop(a);
    awk_number n = awk_to_number(&v);
    awk_drop(a, &v);
    return n;
}

struct awk_string *awk_pop_string(struct awk *a)
{
    struct awk_value v = awk_pop(a);
    struct awk_string *s = awk_to_string(a, &v, awk_var_text(a, VAR_CONVFMT));
    awk_drop(a, &v);
    return s;
}

void awk_drop_to(struct awk *a, int sp)
{
    while (a->sp > sp) {
        struct awk_value v = awk_pop(a);
        if (v.kind == AWK_ARRAY && v.number) { /* a local array */
            awk_array_clear(a, v.array);
            mem_free(&a->c->mem, v.array->buckets);
            mem_free(&a->c->mem, v.array);
        }
        awk_drop(a, &v);
    }
}

void awk_drop_each(struct awk *a, int count)
{
    while (a->eaches > count) {
        struct awk_each *e = &a->each[--a->eaches];
        for (; e->at < e->count; e->at++)
            awk_string_drop(a, e->keys[e->at]);
        mem_free(&a->c->mem, e->keys);
    }
}

struct awk_value *awk_local(struct awk *a, int number) { return &a->stack[a->frames[a->calls - 1].base + number]; }

struct awk_array *awk_array_of(struct awk *a, int32_t name)
{
    struct awk_value *v = name >= 0 ? &a->vars[name] : awk_local(a, -1 - name);
    if (v->kind != AWK_ARRAY) {
        awk_drop(a, v);
        *v = (struct awk_value){.kind = AWK_ARRAY, .array = awk_array_new(a), .number = name < 0};
    }
    return v->array;
}

/* ---- places ---- */

struct where awk_pop_place(struct awk *a, int32_t kind, int32_t variable)
{
    struct where w = {.kind = (enum awk_place)kind, .variable = variable};
    if (w.kind == PLACE_FIELD)
        w.field = awk_whole(awk_pop_number(a));
    else if (w.kind == PLACE_ELEM)
        w.key = awk_pop_string(a);
    return w;
}

struct awk_value awk_load(struct awk *a, const struct where *w)
{
    if (w->kind == PLACE_FIELD)
        return awk_get_field(a, w->field);
    if (w->kind == PLACE_ELEM)
        return awk_copy(awk_array_at(a, awk_array_of(a, w->variable), w->key->text, true));
    if (w->kind == PLACE_VAR && w->variable == VAR_NF)
        awk_split_record(a);
    return awk_copy(w->kind == PLACE_VAR ? &a->vars[w->variable] : awk_local(a, w->variable));
}

/* NF changes: fields go, or empty ones come. */
static void set_field_count(struct awk *a, const struct awk_value *v)
{
    int64_t n = awk_whole(awk_to_number(v));
    awk_split_record(a);
    n = n < 0 ? 0 : n > AWK_FIELDS ? AWK_FIELDS : n;
    while (a->field_count > n)
        awk_drop(a, &a->fields[--a->field_count]);
    while (a->field_count < n)
        a->fields[a->field_count++] = (struct awk_value){.kind = AWK_NONE};
    a->rebuild = true;
}

void awk_store(struct awk *a, const struct where *w, struct awk_value v)
{
    struct awk_value *to;
    if (w->kind == PLACE_FIELD) {
        awk_set_field(a, w->field, v);
        return;
    }
    if (w->kind == PLACE_VAR && w->variable == VAR_NF)
        set_field_count(a, &v);
    to = w->kind == PLACE_ELEM  ? awk_array_at(a, awk_array_of(a, w->variable), w->key->text, true)
         : w->kind == PLACE_VAR ? &a->vars[w->variable]
                                : awk_local(a, w->variable);
    awk_drop(a, to);
    *to = v;
}

/* ---- operators ---- */

static void compare(struct awk *a, enum awk_op op)
{
    struct awk_value y = awk_pop(a), x = awk_pop(a);
    int order = awk_compare(a, &x, &y);
    bool r = op == OP_LESS            ? order < 0
             : op == OP_LESS_EQUAL    ? order <= 0
             : op == OP_EQUAL         ? order == 0
             : op == OP_NOT_EQUAL     ? order != 0
             : op == OP_GREATER_EQUAL ? order >= 0
                                      : order > 0;
    awk_drop(a, &x);
    awk_drop(a, &y);
    awk_push_number(a, r);
}

static void concat(struct awk *a)
{
    struct awk_string *y = awk_pop_string(a), *x = awk_pop_string(a);
    struct awk_value v = {.kind = AWK_STRING, .string = awk_string_new(a, NULL, 0)};
    if (x->len + y->len < STRING_MAX_BYTES) {
        mem_free(&a->c->mem, v.string);
        v.string = proc_alloc(a->c, a->p, sizeof *v.string + x->len + y->len + 1);
        *v.string = (struct awk_string){.refs = 1, .len = x->len + y->len};
        memcpy(v.string->text, x->text, x->len);
        memcpy(v.string->text + x->len, y->text, y->len);
    }
    awk_string_drop(a, x);
    awk_string_drop(a, y);
    awk_push(a, v);
}

static void matches(struct awk *a, bool wanted)
{
    struct awk_string *pattern = awk_pop_string(a), *s = awk_pop_string(a);
    struct regex_match m;
    awk_push_number(a, regex_search(a->c, pattern->text, s->text, 0, REGEX_EXTENDED, &m) == wanted);
    awk_string_drop(a, pattern);
    awk_string_drop(a, s);
}

static void join(struct awk *a, int count)
{
    struct mem_buf out = {0};
    buf_puts(&a->c->mem, NULL, &out, "");
    for (int i = 0; i < count; i++) {
        struct awk_string *s = awk_to_string(a, &a->stack[a->sp - count + i], awk_var_text(a, VAR_CONVFMT));
        if (i)
            buf_puts(&a->c->mem, NULL, &out, awk_var_text(a, VAR_SUBSEP));
        buf_puts(&a->c->mem, NULL, &out, s->text);
        awk_string_drop(a, s);
    }
    awk_drop_to(a, a->sp - count);
    awk_push(a, awk_text(a, out.data, out.len));
    buf_fini(&a->c->mem, &out);
}

static bool divides_by_zero(struct awk *a, enum awk_op op, awk_number by)
{
    if ((op != OP_DIVIDE && op != OP_MODULO) || by)
        return false;
    err_printf(a->c, a->p, "cmd. line:1: Division by zero");
    a->exit_code = is_gnu(a->p) ? 2 : 1;
    a->failed = a->exiting = true;
    return true;
}

static enum outcome arithmetic(struct awk *a, enum awk_op op)
{
    awk_number y = awk_pop_number(a), x = awk_pop_number(a);
    if (divides_by_zero(a, op, y))
        return LEAVE;
    awk_push(a, awk_of(awk_arithmetic(op, x, y)));
    return GO_ON;
}

static enum outcome do_store(struct awk *a, int32_t kind, int32_t variable, enum awk_op op)
{
    struct awk_value v = awk_pop(a);
    struct where w = awk_pop_place(a, kind, variable);
    if (op != OP_CONST) {
        struct awk_value old = awk_load(a, &w);
        awk_number x = awk_to_number(&old), y = awk_to_number(&v);
        awk_drop(a, &old);
        awk_drop(a, &v);
        if (divides_by_zero(a, op, y))
            return LEAVE;
        v = awk_of(awk_arithmetic(op, x, y));
    }
    awk_push(a, awk_copy(&v));
    awk_store(a, &w, v);
    awk_string_drop(a, w.key);
    return GO_ON;
}

static void do_step(struct awk *a, const int32_t *w)
{
    struct where place = awk_pop_place(a, w[0], w[1]);
    struct awk_value old = awk_load(a, &place);
    awk_number n = awk_to_number(&old);
    awk_drop(a, &old);
    awk_store(a, &place, awk_of(n + w[2] * AWK_ONE));
    awk_push(a, awk_of(w[3] ? n : n + w[2] * AWK_ONE));
    awk_string_drop(a, place.key);
}

/* ---- calls and walks ---- */

static void load_argument(struct awk *a, const int32_t *w)
{
    struct awk_value *v = w[0] >= 0 ? &a->vars[w[0]] : awk_local(a, -1 - w[0]);
    bool array = v->kind == AWK_NONE && ((w[1] >= 0 && w[2] < AWK_PARAMS && a->program.functions[w[1]].is_array[w[2]]));
    if (v->kind == AWK_ARRAY || array)
        awk_push(a, (struct awk_value){.kind = AWK_ARRAY, .array = awk_array_of(a, w[0])});
    else if (w[0] == VAR_NF)
        awk_split_record(a), awk_push(a, awk_copy(v));
    else
        awk_push(a, awk_copy(v));
}

static void call(struct awk *a, int function, int count)
{
    const struct awk_function *f = &a->program.functions[function];
    if (a->calls == AWK_CALLS) {
        err_printf(a->c, a->p, "too many calls");
        a->failed = a->exiting = true;
        return;
    }
    for (; count > f->count; count--)
        awk_drop_to(a, a->sp - 1);
    a->frames[a->calls++] = (struct awk_frame){a->pc, a->sp - count, function, a->eaches};
    for (; count < f->count; count++)
        awk_push(a, (struct awk_value){.kind = AWK_NONE});
    a->pc = f->start;
}

static void give_back(struct awk *a)
{
    struct awk_value v = awk_pop(a);
    if (!a->calls) {
        awk_drop(a, &v);
        return;
    }
    const struct awk_frame *f = &a->frames[--a->calls];
    awk_drop_each(a, f->eaches);
    awk_drop_to(a, f->base);
    a->pc = f->back;
    awk_push(a, v);
}

static void each_begin(struct awk *a, int32_t name)
{
    struct awk_array *t = awk_array_of(a, name);
    if (a->eaches == AWK_CALLS) {
        a->failed = a->exiting = true;
        return;
    }
    struct awk_each *e = &a->each[a->eaches++];
    *e = (struct awk_each){.keys = proc_alloc(a->c, a->p, sizeof *e->keys * (t->count + 1))};
    for (uint32_t b = 0; b < t->bucket_count; b++)
        for (struct awk_item *it = t->buckets[b]; it; it = it->next) {
            it->key->refs++;
            e->keys[e->count++] = it->key;
        }
}

static bool each_next(struct awk *a, int32_t kind, int32_t variable)
{
    struct awk_each *e = &a->each[a->eaches - 1];
    if (e->at == e->count)
        return false;
    struct awk_string *key = e->keys[e->at++];
    struct where w = {.kind = (enum awk_place)kind, .variable = variable};
    awk_store(a, &w, awk_input(a, key->text, key->len));
    awk_string_drop(a, key);
    return true;
}

/* The rule is over, in whatever it was. */
static void unwind(struct awk *a)
{
    awk_drop_each(a, 0);
    a->calls = 0;
    awk_drop_to(a, 0);
}

/* ---- the machine ---- */

static const int8_t op_words[] = {
    [OP_CONST] = 1,     [OP_LOAD_VAR] = 1,   [OP_LOAD_LOCAL] = 1, [OP_LOAD_ELEM] = 1, [OP_LOAD_ARG] = 3,
    [OP_STORE] = 3,     [OP_STEP] = 4,       [OP_JOIN] = 1,       [OP_IN] = 1,        [OP_DELETE] = 1,
    [OP_CLEAR] = 1,     [OP_JUMP] = 1,       [OP_JUMP_FALSE] = 1, [OP_JUMP_TRUE] = 1, [OP_RANGE] = 1,
    [OP_RANGE_SET] = 1, [OP_EACH_BEGIN] = 1, [OP_EACH_NEXT] = 3,  [OP_PRINT] = 2,     [OP_PRINTF] = 2,
    [OP_GETLINE] = 4,   [OP_CALL] = 2,       [OP_BUILTIN] = 2,    [OP_SUB] = 3,       [OP_SPLIT] = 2,
    [OP_RETURN] = 1,    [OP_EXIT] = 1,       [OP_END] = 0,
};

static bool pop_true(struct awk *a)
{
    struct awk_value v = awk_pop(a);
    bool r = awk_true(&v);
    awk_drop(a, &v);
    return r;
}

static void do_jump(struct awk *a, enum awk_op op, int32_t to)
{
    if (op == OP_JUMP || pop_true(a) == (op == OP_JUMP_TRUE))
        a->pc = to;
}

static void do_range(struct awk *a, enum awk_op op, int32_t number)
{
    bool hit = pop_true(a);
    if (op == OP_RANGE) {
        a->ranges[number] |= hit;
        awk_push_number(a, a->ranges[number]);
    } else if (hit) {
        a->ranges[number] = false;
    }
}

static void do_element(struct awk *a, enum awk_op op, int32_t array)
{
    struct awk_string *key = awk_pop_string(a);
    struct awk_array *t = awk_array_of(a, array);
    if (op == OP_IN)
        awk_push_number(a, awk_array_at(a, t, key->text, false) != NULL);
    else if (op == OP_DELETE)
        awk_array_delete(a, t, key->text);
    else
        awk_push(a, awk_copy(awk_array_at(a, t, key->text, true)));
    awk_string_drop(a, key);
}

static void do_exit(struct awk *a, bool given)
{
    if (given)
        a->exit_code = (int)(awk_whole(awk_pop_number(a)) & 255);
    a->exiting = true;
}

static void load_variable(struct awk *a, enum awk_op op, int32_t variable)
{
    struct where w = {.kind = op == OP_LOAD_VAR ? PLACE_VAR : PLACE_LOCAL, .variable = variable};
    awk_push(a, awk_load(a, &w));
}

static void one_operand(struct awk *a, enum awk_op op)
{
    if (op == OP_NOT || op == OP_BOOL)
        awk_push_number(a, pop_true(a) == (op == OP_BOOL));
    else if (op == OP_NEGATE)
        awk_push(a, awk_of(-awk_pop_number(a)));
    else if (op == OP_PLUS)
        awk_push(a, awk_of(awk_pop_number(a)));
    else if (op == OP_LOAD_FIELD)
        awk_push(a, awk_get_field(a, awk_whole(awk_pop_number(a))));
    else
        awk_drop_to(a, a->sp - 1);
}

/* What changes the flow of control, or speaks to the world. */
static enum outcome execute_flow(struct awk *a, enum awk_op op, const int32_t *w)
{
    switch (op) {
    case OP_JUMP:
    case OP_JUMP_FALSE:
    case OP_JUMP_TRUE:
        do_jump(a, op, w[0]);
        return GO_ON;
    case OP_RANGE:
    case OP_RANGE_SET:
        do_range(a, op, w[0]);
        return GO_ON;
    case OP_EACH_BEGIN:
        each_begin(a, w[0]);
        return GO_ON;
    case OP_EACH_NEXT:
        if (!each_next(a, w[0], w[1]))
            a->pc = w[2];
        return GO_ON;
    case OP_EACH_END:
        awk_drop_each(a, a->eaches - 1);
        return GO_ON;
    case OP_PRINT:
    case OP_PRINTF:
        return awk_do_print(a, op == OP_PRINTF, w[0], (enum awk_redirect)w[1]);
    case OP_GETLINE:
        return awk_do_getline(a, w);
    case OP_CALL:
        call(a, w[0], w[1]);
        return GO_ON;
    case OP_BUILTIN:
        return awk_builtin(a, (enum awk_builtin)w[0], w[1]);
    case OP_SUB:
        awk_do_sub(a, w[0], w[1], w[2]);
        return GO_ON;
    case OP_SPLIT:
        awk_do_split(a, w[0], w[1]);
        return GO_ON;
    case OP_RETURN:
        give_back(a);
        return GO_ON;
    case OP_EXIT:
        do_exit(a, w[0]);
        return LEAVE;
    case OP_NEXT:
    case OP_END:
        return LEAVE;
    default:
        one_operand(a, op);
        return GO_ON;
    }
}

/* One instruction; its operands are at w, a->pc is behind it. */
static enum outcome execute(struct awk *a, enum awk_op op, const int32_t *w)
{
    switch (op) {
    case OP_CONST:
        awk_push(a, awk_copy(&a->program.constants[w[0]]));
        return GO_ON;
    case OP_LOAD_VAR:
    case OP_LOAD_LOCAL:
        load_variable(a, op, w[0]);
        return GO_ON;
    case OP_LOAD_ELEM:
    case OP_IN:
    case OP_DELETE:
        do_element(a, op, w[0]);
        return GO_ON;
    case OP_LOAD_ARG:
        load_argument(a, w);
        return GO_ON;
    case OP_STORE:
        return do_store(a, w[0], w[1], (enum awk_op)w[2]);
    case OP_STEP:
        do_step(a, w);
        return GO_ON;
    case OP_JOIN:
        join(a, w[0]);
        return GO_ON;
    case OP_CLEAR:
        awk_array_clear(a, awk_array_of(a, w[0]));
        return GO_ON;
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MODULO:
    case OP_POWER:
        return arithmetic(a, op);
    case OP_CONCAT:
        concat(a);
        return GO_ON;
    case OP_MATCH:
    case OP_NO_MATCH:
        matches(a, op == OP_MATCH);
        return GO_ON;
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        compare(a, op);
        return GO_ON;
    default:
        return execute_flow(a, op, w);
    }
}

/* Until the rules are through (LEAVE), something must be waited for, or it is enough for one step (GO_ON). */
static enum outcome run(struct awk *a)
{
    enum { STEPS = 4000 };
    for (int n = 0; n < STEPS && !a->p->full_pipe; n++) {
        int at = a->pc;
        enum awk_op op = (enum awk_op)a->program.code[at];
        a->pc += 1 + op_words[op];
        enum outcome r = execute(a, op, &a->program.code[at + 1]);
        if (a->failed)
            r = LEAVE;
        if (r == WAIT)
            a->pc = at;
        if (r == LEAVE)
            unwind(a);
        if (r != GO_ON)
            return r;
    }
    return GO_ON;
}

/* ---- the command ---- */

static void make_variables(struct awk *a, int first)
{
    static const char *const names[VAR_SPECIALS] = {"NF",      "NR",      "FNR",      "FS",     "OFS",     "RS",
                                                    "ORS",     "SUBSEP",  "FILENAME", "RSTART", "RLENGTH", "OFMT",
                                                    "CONVFMT", "ENVIRON", "ARGV",     "ARGC"};
    static const char *const texts[VAR_SPECIALS] = {
        [VAR_FS] = " ",        [VAR_OFS] = " ",     [VAR_RS] = "\n",     [VAR_ORS] = "\n",
        [VAR_SUBSEP] = "\034", [VAR_FILENAME] = "", [VAR_OFMT] = "%.6g", [VAR_CONVFMT] = "%.6g"};
    const struct env *env = proc_env(a->c, a->p);
    a->vars = proc_alloc(a->c, a->p, sizeof *a->vars * AWK_NAMES);
    for (int i = 0; i < VAR_SPECIALS; i++) {
        awk_name(a, names[i]);
        a->vars[i] = texts[i] ? awk_text(a, texts[i], strlen(texts[i])) : awk_of(0);
    }
    struct awk_array *environ = awk_array_of(a, VAR_ENVIRON), *argv = awk_array_of(a, VAR_ARGV);
    for (uint32_t i = 0; i < env->count; i++) {
        size_t n = strcspn(env->items[i], "=");
        char *name = mem_strndup(&a->c->mem, &a->p->mem, env->items[i], n);
        *awk_array_at(a, environ, name, true) = awk_input(a, env->items[i] + n + 1, strlen(env->items[i] + n + 1));
        mem_free(&a->c->mem, name);
    }
    *awk_array_at(a, argv, "0", true) = awk_text(a, "awk", 3);
    for (int i = first; i < a->p->argc; i++)
        *awk_array_at(a, argv, proc_printf(a->c, a->p, "%d", i - first + 1), true) =
            awk_input(a, a->p->argv[i], strlen(a->p->argv[i]));
    a->vars[VAR_ARGC] = awk_of((a->p->argc - first + 1) * AWK_ONE);
    a->next_arg = 1;
}

static bool script_of_file(struct awk *a, struct mem_buf *text, const char *path)
{
    struct vnode *n;
    size_t len;
    enum vfs_error e = vfs_find(a->c, a->p->container, a->p->cwd, path, &n);
    if (e != VFS_OK) {
        cannot_open(a->c, a->p, path, e);
        return false;
    }
    buf_puts(&a->c->mem, &a->p->mem, text, vfs_content(a->c, a->p->container, n, &len));
    buf_putc(&a->c->mem, &a->p->mem, text, '\n');
    return true;
}

static bool awk_begin(struct awk *a)
{
    enum { ASSIGNMENTS = 32 };
    struct options o = {.p = a->p};
    struct mem_buf text = {0};
    const char *assignments[ASSIGNMENTS], *separator = NULL;
    int count = 0;
    for (int letter; (letter = option_get(a->c, &o, "+F:v:f:e:W:", NULL));) {
        if (letter == '?')
            return false;
        if (letter == 'F')
            separator = o.value;
        if (letter == 'v' && count < ASSIGNMENTS)
            assignments[count++] = o.value;
        if (letter == 'f' && !script_of_file(a, &text, o.value))
            return false;
        if (letter == 'e')
            buf_puts(&a->c->mem, &a->p->mem, &text, o.value);
    }
    if (!text.data && o.next >= a->p->argc) {
        usage_print(a->c, a->p, "");
        return false;
    }
    if (!text.data)
        buf_puts(&a->c->mem, &a->p->mem, &text, a->p->argv[o.next++]);
    make_variables(a, o.next);
    if (separator) {
        char *fs = strcmp(separator, "t") == 0 ? proc_strdup(a->c, a->p, "\t")
                                               : awk_unescape(a, separator, strlen(separator), false);
        awk_set_var(a, VAR_FS, awk_text(a, fs, strlen(fs)));
    }
    for (int i = 0; i < count; i++) {
        size_t n = strcspn(assignments[i], "=");
        if (!assignments[i][n]) {
            usage_print(a->c, a->p, "");
            return false;
        }
        char *name = mem_strndup(&a->c->mem, &a->p->mem, assignments[i], n),
             *value = awk_unescape(a, assignments[i] + n + 1, strlen(assignments[i] + n + 1), false);
        awk_set_var(a, awk_name(a, name), awk_input(a, value, strlen(value)));
    }
    if (!awk_compile(a, text.data))
        return false;
    for (int i = 0; i < a->program.name_count; i++)
        if (a->program.is_array[i])
            awk_array_of(a, i);
    return true;
}

/* The next stretch of instructions, if there is one; LEAVE: all is done. */
static enum outcome advance(struct awk *a)
{
    const struct awk_program *g = &a->program;
    struct awk_value record;
    if (a->phase == 0 && !a->in_rules) {
        a->in_rules = true;
        a->pc = g->begin;
        if (g->begin >= 0)
            return GO_ON;
    }
    if (a->phase == 0)
        a->phase = a->exiting || (g->rules < 0 && g->end < 0) ? 2 : 1;
    while (a->phase == 1) {
        int r = a->exiting ? 0 : awk_main_record(a, &record);
        if (r == -2)
            return WAIT;
        if (r <= 0) {
            a->phase = 2;
            break;
        }
        awk_set_record(a, record);
        awk_count_record(a, true);
        a->pc = g->rules;
        if (g->rules >= 0)
            return GO_ON;
    }
    if (a->phase == 2 && !a->ending && g->end >= 0 && !a->failed) {
        a->ending = true;
        a->exiting = false;
        a->pc = g->end;
        return GO_ON;
    }
    a->phase = 3;
    return LEAVE;
}

static enum step awk_step(struct cri *c, struct proc *p)
{
    struct awk *a = p->data;
    if (!a->begun) {
        a->c = c;
        a->p = p;
        a->begun = true;
        a->pc = -1;
        if (!awk_begin(a))
            return proc_exit_with(p, is_gnu(p) ? 2 : 1);
    }
    a->c = c;
    a->p = p;
    a->child_wait = false;
    for (int budget = 0; budget < 64 && a->phase < 3 && !p->full_pipe; budget++) {
        enum outcome r = a->pc < 0 ? LEAVE : run(a);
        if (r == LEAVE) {
            a->pc = -1;
            r = advance(a);
        }
        if (r == WAIT)
            return a->child_wait ? proc_block_for(p, WAIT_CHILD, SIM_NEVER) : STEP_BLOCK;
    }
    if (a->phase < 3)
        return STEP_AGAIN;
    return awk_finish(a) ? proc_exit_with(p, a->exit_code) : proc_block_for(p, WAIT_CHILD, SIM_NEVER);
}

const struct program program_awk = {.name = "awk", .step = awk_step, .data_bytes = sizeof(struct awk)};
