/* options_help.c - --help of podsim and its commands, from the tables. */
#include <string.h>

#include "tools/options_table.h"

void options_usage(enum command_id command, struct strbuf *out)
{
    if (command == CMD_COUNT) {
        strbuf_puts(out, "podsim COMMAND [OPTIONS] [FILE...]");
        return;
    }
    const struct command_info *c = &command_infos[command];
    strbuf_printf(out, "podsim %s [OPTIONS]%s%s", c->name, *c->operands ? " " : "", c->operands);
}

/* `doc` in lines from `column` on; the line that has begun at `start` may be longer than that already. */
static void put_doc(struct strbuf *out, size_t start, uint32_t column, const char *doc)
{
    enum { LINE_MAX = 110 };
    size_t used = out->len - start;
    strbuf_fill(out, ' ', used < column ? column - used : 2);
    used = out->len - start;
    for (bool first = true; *doc; first = false) {
        size_t word = strcspn(doc, " ");
        if (!first && used + 1 + word > LINE_MAX) {
            strbuf_putc(out, '\n');
            strbuf_fill(out, ' ', column);
            used = column;
        } else if (!first) {
            strbuf_putc(out, ' ');
            used++;
        }
        strbuf_add(out, doc, word);
        used += word;
        doc += word + strspn(doc + word, " ");
    }
    strbuf_putc(out, '\n');
}

static void help_option(const struct option_info *o, struct strbuf *out)
{
    enum { COLUMN = 28 };
    size_t start = out->len;
    strbuf_puts(out, "  ");
    if (o->letter)
        strbuf_printf(out, "-%c, ", o->letter);
    else
        strbuf_puts(out, "    ");
    strbuf_printf(out, "--%s", o->name);
    if (o->argument)
        strbuf_printf(out, o->type == OPTION_MAYBE ? "[=%s]" : " %s", o->argument);
    put_doc(out, start, COLUMN, o->doc);
}

static void help_formats(enum command_id command, struct strbuf *out)
{
    if (command == CMD_RUN) {
        strbuf_puts(out, "\nFormats:\n");
        for (int i = 0; i < REPORT_FORMAT_COUNT; i++)
            strbuf_printf(out, "  %-12s%s\n", report_formats[i].name, report_formats[i].doc);
    } else if (command == CMD_GET) {
        strbuf_puts(out, "\nFormats:\n  table (default), wide, json, yaml, name: as kubectl get\n");
    }
}

static void help_exit_codes(struct strbuf *out)
{
    strbuf_puts(out, "\nExit codes:\n");
    for (uint32_t i = 0; i < exit_code_count; i++)
        strbuf_printf(out, "  %-3d  %s\n", exit_code_infos[i].code, exit_code_infos[i].doc);
}

static void help_podsim(struct strbuf *out)
{
    enum { COLUMN = 37 };
    strbuf_puts(out, "podsim - simulate what Kubernetes does with your pods, to the millisecond\n\n"
                     "Usage:\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        size_t start = out->len;
        strbuf_printf(out, "  podsim %s %s", command_infos[i].name, command_infos[i].operands);
        put_doc(out, start, COLUMN, command_infos[i].doc);
    }
    strbuf_puts(out, "\nTry it:\n"
                     "  podsim run pod.yaml                what happens, and why\n"
                     "  podsim run pod.yaml -o get-pods    what `kubectl get pods --watch` would print\n"
                     "  podsim test lifecycle/             run scenarios, and check what they expect\n"
                     "  podsim config show --origin        the options that podsim.yaml and PODSIM_* variables set\n"
                     "  podsim help run                    options and formats\n"
                     "  podsim help profiles               what each step costs\n"
                     "  podsim help faults                 what can befall a cluster, for a scenario's actions\n"
                     "  podsim help features               feature gates, and what changed with which version\n"
                     "  podsim help images [IMAGE]         what podsim knows of images\n"
                     "  podsim help behaviours             what containers can be told to do\n"
                     "  podsim help diagnostics            what error[PS102] means\n");
    help_exit_codes(out);
}

void options_help(enum command_id command, struct strbuf *out)
{
    if (command == CMD_COUNT) {
        help_podsim(out);
        return;
    }
    strbuf_printf(out, "podsim %s - %s\n\nUsage:\n  ", command_infos[command].name, command_infos[command].doc);
    options_usage(command, out);
    strbuf_puts(out, "\n\nOptions:\n");
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i))
            help_option(&option_infos[i], out);
    if (command_takes(command, OPT_CONFIG))
        strbuf_puts(
            out, "\nWhat holds for a whole project stands in podsim.yaml, or in PODSIM_* variables: docs/config.md.\n");
    help_formats(command, out);
    help_exit_codes(out);
}
