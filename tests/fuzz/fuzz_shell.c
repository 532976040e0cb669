/* fuzz_shell.c - any text as a script: sh -c in a busybox container, beside a server and an exec, for
 * a few simulated seconds. Nothing may crash, hang, or depend on what was left in memory: every
 * script runs twice, and once more from a copy of the run's memory.
 */
#include "../unit/cri_world.h"

enum { SCRIPT_MAX = 4000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The script needs a place without NUL. */
static char *script_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        if (data[i])
            text[n++] = (char)data[i];
    text[n] = '\0';
    return text;
}

static uint64_t run_once(const char *image, const char *script, bool fork)
{
    struct world w;
    world_init(&w);
    w.cri->burn_max = 20000; /* endless loops are common here: soon slowed down */
    w.cri->burn_divisor = 50;
    uint32_t server = world_start(&w, (struct cri_container_config){.name = "web", .image = "nginx"});
    uint32_t ct = world_sh(&w, image, script);
    world_exec(&w, ct, (const char *const[]){"sh", "-c", script, NULL}, SIM_SECOND);
    world_run(&w, SIM_SECOND);
    if (fork) {
        struct arena_image saved;
        sim_save(w.sim, &saved);
        world_run(&w, 2 * SIM_SECOND);
        sim_restore(w.sim, &saved);
        arena_image_fini(&saved);
    }
    world_run(&w, 2 * SIM_SECOND);
    cri_signal(w.cri, ct, VSIGTERM);
    world_run(&w, 4 * SIM_SECOND);
    cri_signal(w.cri, ct, VSIGKILL);
    ASSERT(cri_container(w.cri, ct)->state == CRI_EXITED);
    cri_remove_container(w.cri, ct);
    cri_stop_sandbox(w.cri, w.sandbox);
    ASSERT(cri_container(w.cri, server)->state == CRI_EXITED);
    world_run(&w, 5 * SIM_SECOND);
    uint64_t h = world_hash_trace(&w);
    world_fini(&w);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SCRIPT_MAX)
        return 0;
    char *script = script_of(data, size);
    const char *image = size && data[0] & 1 ? "busybox:1.36" : "debian:12";
    uint64_t first = run_once(image, script, false);
    ASSERT(run_once(image, script, true) == first);
    free(script);
    return 0;
}
