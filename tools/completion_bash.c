/* completion_bash.c - for bash 4 and later, with or without the package bash-completion. */
#include "tools/completion.h"

static const char head[] = "# Completion of podsim for bash, made by `podsim completion bash`.\n"
                           "\n";

/* COMP_WORDBREAKS has '=', so --color=al comes as three words. */
static const char body[] =
    "_podsim() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} values\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_podsim_commands) --help --version\" -- \"$current\")\n"
    "        return\n"
    "    fi\n"
    "    if [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $before == = ]] && ((COMP_CWORD > 2)); then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    values=$(_podsim_values \"$command\" \"$before\")\n"
    "    if [[ -z $values && $current == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_podsim_options \"$command\")\" -- \"$current\")\n"
    "        return\n"
    "    fi\n"
    "    [[ -n $values ]] || values=$(_podsim_operands \"$command\")\n"
    "    case $values in\n"
    "    '<none>') ;;\n"
    "    '<file>')\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
    "        ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$current\") ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _podsim podsim\n";

static void put_commands(struct strbuf *out)
{
    strbuf_puts(out, "_podsim_commands() {\n    echo");
    for (int i = 0; i < CMD_COUNT; i++)
        strbuf_printf(out, " %s", command_infos[i].name);
    strbuf_puts(out, "\n}\n\n");
}

static void put_options(struct strbuf *out)
{
    strbuf_puts(out, "_podsim_options() { # COMMAND\n    case $1 in\n");
    for (int c = 0; c < CMD_COUNT; c++) {
        strbuf_printf(out, "    %s) echo \"", command_infos[c].name);
        for (int i = 0; i < OPT_COUNT; i++) {
            if (!command_takes((enum command_id)c, (enum option_id)i))
                continue;
            strbuf_printf(out, "--%s ", option_infos[i].name);
            if (option_infos[i].letter)
                strbuf_printf(out, "-%c ", option_infos[i].letter);
        }
        out->len--;
        strbuf_puts(out, "\" ;;\n");
    }
    strbuf_puts(out, "    esac\n}\n\n");
}

/* "run:--output | run:-o", of all commands that have it */
static void put_patterns(enum option_id id, struct strbuf *out)
{
    const struct option_info *o = &option_infos[id];
    uint32_t count = 0;
    for (int c = 0; c < CMD_COUNT; c++) {
        if (!command_takes((enum command_id)c, id))
            continue;
        strbuf_printf(out, "%s%s:--%s", count++ ? " | " : "", command_infos[c].name, o->name);
        if (o->letter)
            strbuf_printf(out, " | %s:-%c", command_infos[c].name, o->letter);
    }
}

static void put_values(struct strbuf *out)
{
    strbuf_puts(out,
                "_podsim_values() { # COMMAND OPTION: words, <file>, <none>; nothing: the option takes no argument\n"
                "    case $1:$2 in\n");
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_info *o = &option_infos[i];
        if (!completion_takes_word((enum option_id)i))
            continue;
        strbuf_puts(out, "    ");
        put_patterns((enum option_id)i, out);
        strbuf_puts(out, ") echo '");
        for (uint32_t k = 0; o->choices && k < o->choices->count; k++)
            strbuf_printf(out, "%s%s", k ? " " : "", o->choices->names[k]);
        if (!o->choices)
            strbuf_puts(out, completion_takes_file((enum option_id)i) ? "<file>" : "<none>");
        strbuf_puts(out, "' ;;\n");
    }
    strbuf_puts(out, "    esac\n}\n\n");
}

static void put_operands(struct strbuf *out)
{
    strbuf_puts(out, "_podsim_operands() { # COMMAND: words, <file>, <none>\n    case $1 in\n");
    for (int c = 0; c < CMD_COUNT; c++) {
        struct strbuf words = STRBUF_INIT;
        completion_words((enum command_id)c, &words);
        strbuf_printf(out, "    %s) echo '%.*s' ;;\n", command_infos[c].name, words.len ? (int)words.len : 6,
                      words.len                                    ? words.data
                      : completion_wants_files((enum command_id)c) ? "<file>"
                                                                   : "<none>");
        strbuf_fini(&words);
    }
    strbuf_puts(out, "    esac\n}\n\n");
}

void completion_bash(struct strbuf *out)
{
    strbuf_puts(out, head);
    put_commands(out);
    put_options(out);
    put_values(out);
    put_operands(out);
    strbuf_puts(out, body);
}
