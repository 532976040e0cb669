/* cmd_explain_field.c - podsim explain-field: what a field of a document is. */
#include "model/explain_field.h"
#include "tools/commands.h"
#include "tools/output.h"

int cmd_explain_field(const struct options *o)
{
    struct arena arena;
    struct strbuf complaint = STRBUF_INIT;
    int code = EXIT_OK;
    arena_init(&arena, 0);
    if (o->subject)
        code = output_usage_error(CMD_EXPLAIN_FIELD, "want one field, with dots in it: pod.spec.containers");
    else if (!o->topic)
        explain_roots(&output);
    else if (explain_field(&arena, o->topic, o->recursive, &output, &complaint) < 0)
        code = output_usage_error(CMD_EXPLAIN_FIELD, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    arena_fini(&arena);
    return code;
}
