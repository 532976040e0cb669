/* shell_alias.c - aliases: alias, unalias, and reading a script with them.
 *
 * A shell reads its script line by line, so an alias holds from the next line on. Here scripts are parsed as a whole;
 * when the aliases change, what has not run yet is parsed again (sh_parse_rest), with the aliases' texts put in place
 * of the words. bash expands none in scripts.
 */
#include <string.h>

#include "model/shell.h"

const struct sh_alias *sh_alias_find(const struct shell *sh, const char *name)
{
    for (const struct sh_alias *a = sh->aliases; a; a = a->next)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

static void print_alias(struct shell *sh, const struct sh_alias *a)
{
    struct mem_buf b = {0};
    buf_puts(&sh->c->mem, &sh->p->mem, &b, a->name);
    buf_putc(&sh->c->mem, &sh->p->mem, &b, '=');
    sh_add_quoted(sh, &b, a->value, false);
    buf_putc(&sh->c->mem, &sh->p->mem, &b, '\n');
    fd_write(sh->c, sh->p, 1, b.data, b.len);
    buf_fini(&sh->c->mem, &b);
}

static void set_alias(struct shell *sh, const char *text, size_t name_length)
{
    struct sh_alias **at = &sh->aliases;
    char *name = mem_strndup(&sh->c->mem, &sh->p->mem, text, name_length);
    sh->alias_version++;
    while (*at && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    char *value = proc_strdup(sh->c, sh->p, text + name_length + 1);
    if (*at && strcmp((*at)->name, name) == 0) {
        mem_free(&sh->c->mem, name);
        mem_free(&sh->c->mem, (*at)->value);
        (*at)->value = value;
        return;
    }
    struct sh_alias *a = proc_alloc(sh->c, sh->p, sizeof *a);
    *a = (struct sh_alias){.next = *at, .name = name, .value = value};
    *at = a;
}

int builtin_alias(struct shell *sh, int argc, char **argv)
{
    int status = 0;
    for (const struct sh_alias *a = sh->aliases; a && argc == 1; a = a->next)
        print_alias(sh, a);
    for (int i = 1; i < argc; i++) {
        const char *equals = argv[i][0] ? strchr(argv[i] + 1, '=') : NULL;
        const struct sh_alias *a = equals ? NULL : sh_alias_find(sh, argv[i]);
        if (equals) {
            set_alias(sh, argv[i], (size_t)(equals - argv[i]));
        } else if (a) {
            print_alias(sh, a);
        } else {
            out_printf(sh->c, sh->p, 2, "alias: %s not found\n", argv[i]);
            status = 1;
        }
    }
    return status;
}

static bool remove_alias(struct shell *sh, const char *name)
{
    for (struct sh_alias **at = &sh->aliases; *at; at = &(*at)->next) {
        struct sh_alias *a = *at;
        if (name && strcmp(a->name, name) != 0)
            continue;
        *at = a->next;
        mem_free(&sh->c->mem, a->name);
        mem_free(&sh->c->mem, a->value);
        mem_free(&sh->c->mem, a);
        sh->alias_version++;
        return true;
    }
    return false;
}

int builtin_unalias(struct shell *sh, int argc, char **argv)
{
    int status = 0;
    if (argc > 1 && strcmp(argv[1], "-a") == 0) {
        while (remove_alias(sh, NULL))
            ;
        return 0;
    }
    for (int i = 1; i < argc; i++)
        if (!remove_alias(sh, argv[i])) {
            out_printf(sh->c, sh->p, 2, "unalias: %s not found\n", argv[i]);
            status = 1;
        }
    return status;
}

const struct sh_script *sh_parse_rest(struct shell *sh, const struct sh_script *s, uint32_t from)
{
    struct arena *a = sim_arena(sh->c->sim);
    struct sh_parse_alias *list = NULL, **end = &list;
    for (const struct sh_alias *alias = sh->dialect == DIALECT_BASH ? NULL : sh->aliases; alias; alias = alias->next) {
        *end = arena_new(a, struct sh_parse_alias);
        (*end)->name = arena_strdup(a, alias->name);
        (*end)->value = arena_strdup(a, alias->value);
        end = &(*end)->next;
    }
    return sh_parse_with(a, s->text, s->length, from, sh->dialect, list);
}
