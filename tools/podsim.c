/* podsim.c - the command: parse arguments, call what carries out the command, print, exit code. No decisions about
 * Kubernetes are made here.
 */
#include "tools/config.h"
#include "tools/options_table.h"
#include "tools/output.h"

static int dispatch(const struct options *o)
{
    if (!o->help)
        return command_infos[o->command].run(o);
    options_help(o->command, &output);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    struct options o;
    struct strbuf complaint = STRBUF_INIT;
    int code;
    if (options_parse(argc, argv, &o, &complaint) < 0)
        code = output_usage_error(o.command, strbuf_str(&complaint));
    else if (config_apply(&o) < 0)
        code = EXIT_INPUT;
    else
        code = dispatch(&o);
    strbuf_fini(&complaint);
    options_fini(&o);
    return output_flush(code);
}
