/* manpage.c - podsim(1) in the language of man: commands, options, formats and exit codes from their tables, the rest
 * written here. `podsim help --man`.
 */
#include <string.h>

#include "report/report.h"
#include "tools/options_table.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

static const char *const more_commands[CMD_COUNT] = {
#define MORE_COMMAND(id, text) [CMD_##id] = text,
#define MORE_OPTION(id, text)
#include "tools/options_more.def"
#undef MORE_COMMAND
#undef MORE_OPTION
};

static const char *const more_options[OPT_COUNT] = {
#define MORE_COMMAND(id, text)
#define MORE_OPTION(id, text) [OPT_##id] = text,
#include "tools/options_more.def"
#undef MORE_COMMAND
#undef MORE_OPTION
};

/* ---- written by hand ---- */

static const char description[] =
    ".SH DESCRIPTION\n"
    ".B podsim\n"
    "takes Kubernetes manifests as they are and shows what a cluster would do with them: scheduling, image pulls,\n"
    "probes, restarts, back\\-off, termination, endpoints. Simulated time costs nothing: ten minutes of a crash loop "
    "take\n"
    "milliseconds. The same input gives the same output, byte for byte.\n"
    ".PP\n"
    "A\n"
    ".I FILE\n"
    "is a manifest (YAML or JSON, any number of documents), a scenario (see\n"
    ".BR podsim\\-scenario (5)),\n"
    "a directory (its *.yaml, *.yml and *.json, by name) or\n"
    ".B \\-\n"
    "for standard input. All documents are created at time 0, in order.\n";

static const char environment[] =
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".BI PODSIM_ NAME\n"
    "The value of the option \\-\\-\\fIname\\fR, where it may be given so: above it is named. A flag is true or false, "
    "the items\n"
    "of a list are separated by commas. What the command line says is stronger. An empty variable is as good as none.\n"
    ".TP\n"
    ".B NO_COLOR\n"
    "If set and not empty, no colours unless\n"
    ".BR \\-\\-color=always .\n"
    ".TP\n"
    ".B CLICOLOR_FORCE\n"
    "If set and not 0, colours also where no terminal is.\n"
    ".TP\n"
    ".B CLICOLOR\n"
    "If 0, no colours.\n";

static const char configuration[] =
    ".SH CONFIGURATION\n"
    "The first\n"
    ".I podsim.yaml\n"
    "in the working directory or above, up to the root of the repository or of the file system, sets options: its keys are\n"
    "their long names, for all commands, or in a section of a command's name for that command:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "color: never\n"
    "test:\n"
    "  jobs: 4\n"
    "  tag: [fast]\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Flags are stronger than the environment, that is stronger than the section, and that is stronger than the top of the\n"
    "file.\n"
    ".B podsim config show \\-\\-origin\n"
    "prints what is in force and where it comes from. Options that say what to read or look at cannot stand there, and those\n"
    "that mean something else for each command only in a section.\n";

static const char examples[] = ".SH EXAMPLES\n"
                               "What happens to a pod, and why:\n"
                               ".PP\n"
                               ".RS\n"
                               "podsim run pod.yaml\n"
                               ".RE\n"
                               ".PP\n"
                               "As one would watch it with kubectl, for an hour:\n"
                               ".PP\n"
                               ".RS\n"
                               "podsim run pod.yaml \\-o get\\-pods \\-\\-until 1h\n"
                               ".RE\n"
                               ".SH SEE ALSO\n"
                               ".BR podsim\\-scenario (5),\n"
                               ".BR kubectl (1)\n";

/* ---- from the tables ---- */

/* Text for man: hyphens that can be copied, backslashes, and no line that begins like a request. */
static void put_text(struct strbuf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        strbuf_puts(out, "\\&");
    for (const char *c = text; *c; c++) {
        if (*c == '-')
            strbuf_puts(out, "\\-");
        else if (*c == '\\')
            strbuf_puts(out, "\\e");
        else
            strbuf_putc(out, *c);
    }
}

/* A line of --help as a sentence. */
static void put_sentence(struct strbuf *out, const char *doc)
{
    char first[2] = {*doc >= 'a' && *doc <= 'z' ? (char)(*doc - 'a' + 'A') : *doc, '\0'};
    put_text(out, first);
    put_text(out, doc + 1);
    strbuf_puts(out, ".\n");
}

static void put_more(struct strbuf *out, const char *more)
{
    if (!more)
        return;
    put_text(out, more);
    strbuf_putc(out, '\n');
}

static void put_synopsis(struct strbuf *out)
{
    strbuf_puts(out, ".SH SYNOPSIS\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        strbuf_puts(out, i ? ".br\n.B podsim " : ".B podsim ");
        put_text(out, command_infos[i].name);
        strbuf_puts(out, "\n[\\fIOPTIONS\\fR] ");
        put_text(out, command_infos[i].operands);
        strbuf_putc(out, '\n');
    }
}

static void put_commands(struct strbuf *out)
{
    strbuf_puts(out, ".SH COMMANDS\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        strbuf_puts(out, ".TP\n.B ");
        put_text(out, command_infos[i].name);
        strbuf_putc(out, '\n');
        put_sentence(out, command_infos[i].doc);
        put_more(out, more_commands[i]);
    }
}

/* The one command that has the option; CMD_COUNT: there are several. */
static enum command_id only_command(int id)
{
    uint32_t commands = option_infos[id].commands;
    return commands & (commands - 1) ? CMD_COUNT : (enum command_id)__builtin_ctz(commands);
}

/* "Of run, logs; also PODSIM_SEED." */
static void put_reach(struct strbuf *out, enum option_id id)
{
    uint32_t count = 0, all = (1u << CMD_COUNT) - 1;
    bool also = option_has_variable(id);
    if (only_command(id) != CMD_COUNT) {
        strbuf_puts(out, also ? "Also " : "");
    } else if ((option_infos[id].commands & all) == all) {
        strbuf_puts(out, "Of all commands");
    } else {
        for (int i = 0; i < CMD_COUNT; i++) {
            if (!command_takes((enum command_id)i, id))
                continue;
            strbuf_puts(out, count++ ? ", " : "Of ");
            put_text(out, command_infos[i].name);
        }
    }
    if (also && only_command(id) == CMD_COUNT)
        strbuf_puts(out, "; also ");
    if (also)
        option_variable(id, out);
    if (also || only_command(id) == CMD_COUNT)
        strbuf_puts(out, ".\n");
}

static void put_option(struct strbuf *out, enum option_id id)
{
    const struct option_info *o = &option_infos[id];
    strbuf_puts(out, ".TP\n");
    if (o->letter)
        strbuf_printf(out, "\\fB\\-%c\\fR, ", o->letter);
    strbuf_puts(out, "\\fB\\-\\-");
    put_text(out, o->name);
    strbuf_puts(out, "\\fR");
    if (o->argument)
        strbuf_printf(out, o->type == OPTION_MAYBE ? "[=\\fI%s\\fR]" : " \\fI%s\\fR", o->argument);
    strbuf_putc(out, '\n');
    put_sentence(out, o->doc);
    put_more(out, more_options[id]);
    put_reach(out, id);
}

/* What several commands have first, then by command. */
static void put_options(struct strbuf *out)
{
    strbuf_puts(out, ".SH OPTIONS\n");
    for (int i = 0; i < OPT_COUNT; i++)
        if (only_command(i) == CMD_COUNT)
            put_option(out, (enum option_id)i);
    for (int c = 0; c < CMD_COUNT; c++) {
        uint32_t count = 0;
        for (int i = 0; i < OPT_COUNT; i++) {
            if (only_command(i) != (enum command_id)c)
                continue;
            if (count++ == 0)
                strbuf_printf(out, ".SS Of podsim %s\n", command_infos[c].name);
            put_option(out, (enum option_id)i);
        }
    }
}

static void put_formats(struct strbuf *out)
{
    strbuf_puts(out, ".SH FORMATS\nOf\n.BR run :\n");
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        strbuf_puts(out, ".TP\n.B ");
        put_text(out, report_formats[i].name);
        strbuf_putc(out, '\n');
        put_sentence(out, report_formats[i].doc);
    }
    strbuf_puts(out, ".PP\nOf\n.BR get :\ntable (default), wide, json, yaml, name, as kubectl get prints them.\n");
}

static void put_diagnostics(struct strbuf *out)
{
    strbuf_puts(
        out,
        ".SH DIAGNOSTICS\n"
        "What is wrong with a file is said on standard error: position, class, message, the line, a suggestion.\n"
        "All mistakes of all files come in one pass. With \\fB\\-\\-diagnostics json\\fR each is a JSON object on a\n"
        "line of its own, with the members file, line, column, endColumn, level, code, class, message, suggestion\n"
        "and notes; docs/diagnostics.md describes them. The classes:\n");
    for (int i = 0; i < CODE_COUNT; i++) {
        strbuf_printf(out, ".TP\n.B PS%d\n", diag_code_infos[i].number);
        put_text(out, diag_code_infos[i].doc);
        strbuf_putc(out, '\n');
    }
}

static void put_exit_codes(struct strbuf *out)
{
    strbuf_puts(out, ".SH EXIT STATUS\n");
    for (uint32_t i = 0; i < exit_code_count; i++) {
        strbuf_printf(out, ".TP\n.B %d\n", exit_code_infos[i].code);
        put_sentence(out, exit_code_infos[i].doc);
    }
}

void options_manual(struct strbuf *out)
{
    strbuf_puts(out, ".TH PODSIM 1 \"\" \"podsim " PODSIM_VERSION "\" \"User Commands\"\n"
                     ".SH NAME\npodsim \\- simulate what Kubernetes does with your pods\n");
    put_synopsis(out);
    strbuf_puts(out, description);
    put_commands(out);
    put_options(out);
    put_formats(out);
    put_diagnostics(out);
    put_exit_codes(out);
    strbuf_puts(out, configuration);
    strbuf_puts(out, environment);
    strbuf_puts(out, examples);
}
