/* shell_what.c - what a name means: type, command -v, hash. ash.c describe_command. */
#include <string.h>

#include "model/shell.h"

/* 0, or 127 if it means nothing. */
static int describe(struct shell *sh, const char *name, bool verbose)
{
    struct lookup_result found;
    const struct sh_alias *alias = sh->dialect == DIALECT_BASH ? NULL : sh_alias_find(sh, name);
    const struct sh_builtin_info *b = sh_builtin_find(sh, name);
    const char *function = sh->dialect == DIALECT_DASH ? "is a shell function" : "is a function";
    struct cri *c = sh->c;

    if (sh_is_keyword(name)) {
        out_printf(c, sh->p, 1, verbose ? "%s is a shell keyword\n" : "%s\n", name);
    } else if (alias && verbose) {
        out_printf(c, sh->p, 1, "%s is an alias for %s\n", name, alias->value);
    } else if (alias) {
        struct mem_buf quoted = {0};
        sh_add_quoted(sh, &quoted, alias->value, false);
        out_printf(c, sh->p, 1, "alias %s=%s\n", name, buf_str(&quoted));
        buf_fini(&c->mem, &quoted);
    } else if ((!b || !b->special) && sh_function_find(sh, name)) {
        out_printf(c, sh->p, 1, verbose ? "%s %s\n" : "%s\n", name, function);
    } else if (b) {
        out_printf(c, sh->p, 1, verbose ? "%s is a %sshell builtin\n" : "%s\n", name, b->special ? "special " : "");
    } else if (sh_find_program(sh, name, &found) == LOOKUP_FOUND) {
        const char *path = strchr(name, '/') ? name : found.path;
        if (verbose)
            out_printf(c, sh->p, 1, "%s is %s\n", name, path);
        else
            out_printf(c, sh->p, 1, "%s\n", path);
    } else {
        if (verbose)
            out_printf(c, sh->p, 1, "%s: not found\n", name);
        return 127;
    }
    return 0;
}

int builtin_type(struct shell *sh, int argc, char **argv)
{
    bool verbose = argc < 2 || argv[1][0] != '-';
    int status = 0;
    for (int i = verbose ? 1 : 2; i < argc; i++)
        status |= describe(sh, argv[i], verbose);
    return status;
}

/* command -v and -V: the first name only; plain `command x` has been undone by then. */
int builtin_command(struct shell *sh, int argc, char **argv)
{
    bool verbose = false, short_ = false;
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        for (const char *s = argv[i] + 1; *s; s++) {
            verbose |= *s == 'V';
            short_ |= *s == 'v';
            if (!strchr("pvV", *s)) {
                sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal option -%c" : "illegal option -%c", *s);
                return 2;
            }
        }
    }
    return i < argc && (verbose || short_) ? describe(sh, argv[i], verbose) : 0;
}

int builtin_hash(struct shell *sh, int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc; i++) {
        struct lookup_result found;
        if (strcmp(argv[i], "-r") == 0)
            return 0;
        if (sh_builtin_find(sh, argv[i]) || sh_function_find(sh, argv[i]) ||
            sh_find_program(sh, argv[i], &found) == LOOKUP_FOUND)
            continue;
        sh_error(sh, "%s: not found", argv[i]);
        status = 1;
    }
    return status;
}
