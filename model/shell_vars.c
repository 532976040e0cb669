/* shell_vars.c - variables, positional and special parameters, functions of a shell. */
#include <stdio.h>
#include <string.h>

#include "model/shell.h"

static uint32_t bucket_of(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h % SH_VAR_BUCKETS;
}

struct sh_var *sh_var_find(const struct shell *sh, const char *name)
{
    for (struct sh_var *v = sh->vars[bucket_of(name)]; v; v = v->next)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

const char *sh_get(const struct shell *sh, const char *name)
{
    const struct sh_var *v = sh_var_find(sh, name);
    return v ? v->value : NULL;
}

struct sh_var *sh_mark(struct shell *sh, const char *name)
{
    struct sh_var *v = sh_var_find(sh, name);
    if (v)
        return v;
    if (sh->var_count >= SH_VARS_MAX) {
        sh_limit_reached(sh, "out of memory", SH_STRING_LIMIT);
        return sh->vars[bucket_of("IFS")]; /* any; the shell is about to end */
    }
    sh->var_count++;
    v = proc_alloc(sh->c, sh->p, sizeof *v);
    v->name = proc_strdup(sh->c, sh->p, name);
    v->exported = sh->options & OPTION_ALLEXPORT;
    struct sh_var **at = &sh->vars[bucket_of(name)];
    while (*at)
        at = &(*at)->next;
    *at = v;
    return v;
}

bool sh_set(struct shell *sh, const char *name, const char *value)
{
    struct sh_var *v = sh_mark(sh, name);
    if (!v)
        return false;
    if (v->readonly) {
        sh_fatal(sh, sh->dialect == DIALECT_BASH ? 1 : 2, "%s: is read only", name);
        return false;
    }
    if (strlen(value) > STRING_MAX_BYTES) {
        sh_limit_reached(sh, "out of memory", SH_STRING_LIMIT);
        return false;
    }
    char *copy = proc_strdup(sh->c, sh->p, value); /* first: value may be the old one */
    mem_free(&sh->c->mem, v->value);
    v->value = copy;
    if (sh->options & OPTION_ALLEXPORT)
        v->exported = true;
    if (strcmp(name, "OPTIND") == 0) {
        int64_t n;
        sh->optind = parse_int64(value, &n) && n > 1 && n < SH_ARGS_MAX ? (uint32_t)n : 1;
        sh->optchar = 0;
    }
    return true;
}

bool sh_unset(struct shell *sh, const char *name)
{
    for (struct sh_var **at = &sh->vars[bucket_of(name)]; *at; at = &(*at)->next) {
        struct sh_var *v = *at;
        if (strcmp(v->name, name) != 0)
            continue;
        if (v->readonly) {
            sh_fatal(sh, 2, "%s: is read only", name);
            return false;
        }
        *at = v->next;
        sh->var_count--;
        mem_free(&sh->c->mem, v->name);
        mem_free(&sh->c->mem, v->value);
        mem_free(&sh->c->mem, v);
        return true;
    }
    return true;
}

void sh_save_var(struct shell *sh, struct sh_saved **list, const char *name)
{
    for (const struct sh_saved *s = *list; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return; /* its first value is the one to bring back */
    const struct sh_var *v = sh_var_find(sh, name);
    struct sh_saved *s = proc_alloc(sh->c, sh->p, sizeof *s);
    s->name = proc_strdup(sh->c, sh->p, name);
    if (v) {
        s->existed = true;
        s->exported = v->exported;
        s->readonly = v->readonly;
        s->value = v->value ? proc_strdup(sh->c, sh->p, v->value) : NULL;
    }
    s->next = *list;
    *list = s;
}

void sh_restore_vars(struct shell *sh, struct sh_saved **list)
{
    while (*list) {
        struct sh_saved *s = *list;
        *list = s->next;
        if (s->existed) {
            struct sh_var *v = sh_mark(sh, s->name);
            mem_free(&sh->c->mem, v->value);
            v->value = s->value;
            v->exported = s->exported;
            v->readonly = s->readonly;
        } else {
            struct sh_var *v = sh_var_find(sh, s->name);
            if (v)
                v->readonly = false;
            sh_unset(sh, s->name);
        }
        mem_free(&sh->c->mem, s->name);
        mem_free(&sh->c->mem, s);
    }
}

void sh_import_env(struct shell *sh)
{
    const struct env *e = proc_env(sh->c, sh->p);
    for (uint32_t i = 0; i < e->count; i++) {
        const char *equals = strchr(e->items[i], '=');
        size_t n = equals ? (size_t)(equals - e->items[i]) : 0;
        if (!n || sh_name_length(e->items[i]) != n)
            continue;
        char *name = mem_strndup(&sh->c->mem, NULL, e->items[i], n);
        sh_set(sh, name, equals + 1);
        sh_mark(sh, name)->exported = true;
        mem_free(&sh->c->mem, name);
    }
    if (!sh->p->main) /* the variables have it all now; /proc/1/environ is still read */
        env_free(sh->c, &sh->p->env);
}

void sh_export_env(struct shell *sh, struct env *ret_env)
{
    struct sh_var **sorted;
    uint32_t count = sh_vars_sorted(sh, &sorted);
    size_t total = 1, at = 0;

    *ret_env = (struct env){0};
    for (uint32_t i = 0; i < count; i++)
        if (sorted[i]->exported && sorted[i]->value)
            total += strlen(sorted[i]->name) + strlen(sorted[i]->value) + 2;
    ret_env->items = proc_alloc(sh->c, sh->p, sizeof(char *) * (count + 1));
    ret_env->cap = count + 1;
    ret_env->block = proc_alloc(sh->c, sh->p, total);
    for (uint32_t i = 0; i < count; i++) {
        if (!sorted[i]->exported || !sorted[i]->value)
            continue;
        size_t n = strlen(sorted[i]->name), v = strlen(sorted[i]->value);
        char *item = ret_env->items[ret_env->count++] = ret_env->block + at;
        memcpy(item, sorted[i]->name, n);
        item[n] = '=';
        memcpy(item + n + 1, sorted[i]->value, v + 1);
        at += n + v + 2;
    }
    mem_free(&sh->c->mem, sorted);
}

/* By name; the caller frees the array. */
uint32_t sh_vars_sorted(struct shell *sh, struct sh_var ***ret)
{
    struct sh_var **v = proc_alloc(sh->c, sh->p, sizeof *v * (sh->var_count + 1));
    uint32_t n = 0;
    for (uint32_t b = 0; b < SH_VAR_BUCKETS; b++) {
        for (struct sh_var *var = sh->vars[b]; var; var = var->next) {
            uint32_t at = n++;
            for (; at > 0 && strcmp(v[at - 1]->name, var->name) > 0; at--)
                v[at] = v[at - 1];
            v[at] = var;
        }
    }
    *ret = v;
    return n;
}

/* ---- parameters ---- */

static const char *number(char scratch[24], int64_t value)
{
    snprintf(scratch, 24, "%lld", (long long)value);
    return scratch;
}

static const char *dynamic_variable(struct shell *sh, const char *name, char scratch[24])
{
    if (sh->dialect == DIALECT_DASH && strcmp(name, "PPID") != 0)
        return NULL;
    if (strcmp(name, "RANDOM") == 0) {
        world_looked_beyond(sh->c);
        uint64_t object = (uint64_t)sh->p->container->object << 20 ^ (uint32_t)sh->p->pid;
        uint64_t x = (sim_seed(sh->c->sim) ^ object * UINT64_C(0x9e3779b97f4a7c15)) + sh->random_count++;
        x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
        return number(scratch, (int64_t)((x ^ x >> 31) & 0x7fff));
    }
    if (strcmp(name, "LINENO") == 0)
        return number(scratch, sh->line);
    if (strcmp(name, "PPID") == 0) {
        world_looked_beyond(sh->c);
        return number(scratch, sh->p->parent ? sh->p->parent->pid : 0);
    }
    if (strcmp(name, "FUNCNAME") == 0 && sh->dialect != DIALECT_DASH)
        return sh->call ? sh->call->function : sh->function;
    if (strcmp(name, "SECONDS") == 0 && sh->dialect == DIALECT_BASH)
        return number(scratch, (proc_now(sh->c) - sh->p->started_at) / SIM_SECOND);
    return NULL;
}

const char *sh_param(struct shell *sh, const char *name, char scratch[24])
{
    if (sh_is_digit(name[0])) {
        int64_t i = 0;
        for (const char *s = name; *s && i < SH_ARGS_MAX; s++)
            i = i * 10 + (*s - '0');
        if (i == 0)
            return sh->arg0;
        return i <= sh->argc ? sh->args[i - 1] : NULL;
    }
    switch (name[0]) {
    case '?':
        return number(scratch, sh->status);
    case '#':
        return number(scratch, sh->argc);
    case '$':
        world_looked_beyond(sh->c);
        return number(scratch, sh->shell_pid);
    case '!':
        world_looked_beyond(sh->c);
        return sh->last_background ? number(scratch, sh->last_background) : NULL;
    case '-':
        return sh_option_letters(sh, scratch);
    default:
        break;
    }
    const char *value = sh_get(sh, name);
    return value ? value : dynamic_variable(sh, name, scratch);
}

/* ---- functions ---- */

struct sh_function *sh_function_find(const struct shell *sh, const char *name)
{
    for (struct sh_function *f = sh->functions; f; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* ---- fork ---- */

static char *copy_text(struct shell *to, const char *s) { return s ? proc_strdup(to->c, to->p, s) : NULL; }

void sh_copy_state(const struct shell *from, struct shell *to)
{
    to->dialect = from->dialect;
    to->options = from->options;
    to->script = from->script;
    to->line_base = from->line_base;
    to->line = from->line;
    to->command = copy_text(to, from->command);
    to->loops_outside = sh_loops(from);
    to->in_ps4 = from->in_ps4;
    memcpy(to->limits, from->limits, sizeof to->limits);
    to->alias_version = from->alias_version;
    for (const struct sh_alias *a = from->aliases; a; a = a->next) {
        struct sh_alias *copy = proc_alloc(to->c, to->p, sizeof *copy);
        copy->name = copy_text(to, a->name);
        copy->value = copy_text(to, a->value);
        copy->next = to->aliases;
        to->aliases = copy;
    }
    to->status = from->status;
    to->arg0 = copy_text(to, from->arg0);
    to->argc = from->argc;
    to->args = proc_alloc(to->c, to->p, sizeof(char *) * (from->argc + 1));
    for (uint32_t i = 0; i < from->argc; i++)
        to->args[i] = copy_text(to, from->args[i]);
    for (uint32_t b = 0; b < SH_VAR_BUCKETS; b++) {
        for (const struct sh_var *v = from->vars[b]; v; v = v->next) {
            struct sh_var *copy = sh_mark(to, v->name);
            mem_free(&to->c->mem, copy->value);
            copy->value = copy_text(to, v->value);
            copy->exported = v->exported;
            copy->readonly = v->readonly;
        }
    }
    struct sh_function **end = &to->functions;
    for (const struct sh_function *f = from->functions; f; f = f->next) {
        *end = proc_alloc(to->c, to->p, sizeof **end);
        **end = *f;
        (*end)->next = NULL;
        end = &(*end)->next;
    }
    for (int i = 1; i < VSIG_COUNT; i++) /* traps are reset, ignored signals stay ignored */
        if (sh_trap(from, i) && !sh_trap(from, i)[0])
            sh_set_trap(to, i, "");
    to->shell_pid = from->shell_pid;
    to->last_background = from->last_background;
    to->call_depth = from->call_depth;
    to->function = from->call ? from->call->function : from->function;
    to->optind = from->optind;
    to->optchar = from->optchar;
    to->random_count = from->random_count;
}
