/* cmd_get.c - podsim get: what kubectl get would print (cmd_kubectl.c); without a type of resource, the given objects
 * as the API server would hold them at time 0.
 */
#include <string.h>

#include "model/printer.h"
#include "tools/commands.h"
#include "tools/job.h"
#include "tools/options_table.h"
#include "tools/output.h"

static struct api_object *admitted(struct arena *a, const struct api_object *given)
{
    size_t size = kind_infos[given->kind].type->size;
    struct api_object *o = arena_alloc(a, size);
    memcpy(o, given, size);
    if (kind_infos[o->kind].namespaced && !o->meta.namespace_)
        o->meta.namespace_ = "default";
    o->meta.creation_timestamp = 0;
    if (o->kind == KIND_POD)
        pod_prepare_for_create(a, (struct pod *)o);
    return o;
}

static void print_tables(struct api_object **objects, uint32_t count, const struct options *o)
{
    uint32_t flags = o->get_format == GET_WIDE ? PRINT_WIDE : 0;
    uint32_t kinds = 0, printed = 0;
    for (uint32_t i = 0; i < count; i++)
        kinds |= 1u << objects[i]->kind;
    if (kinds & (kinds - 1))
        flags |= PRINT_KIND;
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        if (!(kinds & 1u << kind))
            continue;
        struct table t = TABLE_INIT;
        if (!o->no_header)
            printer_header(&t, NULL, (enum api_kind)kind, flags);
        for (uint32_t i = 0; i < count; i++)
            if ((int)objects[i]->kind == kind)
                printer_row(&t, NULL, objects[i], 0, 0, flags);
        strbuf_puts(&output, printed++ ? "\n" : "");
        table_print(&t, &output);
        table_fini(&t);
    }
}

static void print_names(struct api_object **objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        printer_name(&output, objects[i]->kind, objects[i]->meta.name ? objects[i]->meta.name : "");
        strbuf_putc(&output, '\n');
    }
}

static int get_loaded(struct job *j, const struct options *o)
{
    uint32_t count = j->scenario.objects.count;
    struct api_object **objects = arena_array(&j->arena, struct api_object *, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        objects[i] = admitted(&j->arena, j->scenario.objects.items[i]);
    if (o->get_format == GET_NAME)
        print_names(objects, count);
    else if (o->get_format == GET_JSON || o->get_format == GET_YAML)
        printer_documents(&output, (const struct api_object *const *)objects, count, j->scenario.epoch,
                          o->get_format == GET_JSON, true);
    else
        print_tables(objects, count, o);
    return EXIT_OK;
}

/* Of kubectl's grammar only -o remains, when nothing is asked for by type. */
static int read_output_flag(struct options *o, struct strbuf *complaint)
{
    const struct text_list *words = &o->kubectl.words;
    for (uint32_t i = 0; i < words->count; i++) {
        const char *word = words->items[i], *value = NULL;
        if (strncmp(word, "--output=", 9) == 0)
            value = word + 9;
        else if (strncmp(word, "-o", 2) == 0 && word[2])
            value = word + 2 + (word[2] == '=');
        else if ((strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0) && i + 1 < words->count)
            value = words->items[++i];
        if (!value) {
            strbuf_printf(complaint, "%s: want a type of resource before it, such as \"podsim get FILE pods\"", word);
            return -1;
        }
        if (option_set(o, OPT_GET_OUTPUT, FROM_FLAG, "--output", value, complaint) < 0)
            return -1;
    }
    if (o->kubectl.at)
        strbuf_puts(complaint, "--at: want a type of resource, such as \"podsim get FILE pods --at 95s\"");
    return o->kubectl.at ? -1 : 0;
}

int cmd_get(const struct options *given)
{
    if (given->kubectl.about)
        return cmd_kubectl(given);
    struct options o = *given;
    struct strbuf complaint = STRBUF_INIT;
    struct job j;
    if (read_output_flag(&o, &complaint) < 0) {
        int code = output_usage_error(CMD_GET, strbuf_str(&complaint));
        strbuf_fini(&complaint);
        return code;
    }
    strbuf_fini(&complaint);
    int code = job_load(&j, &o) < 0 ? EXIT_INPUT : get_loaded(&j, &o);
    job_fini(&j);
    return code;
}
