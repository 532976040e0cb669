/* standalone_main.c - runs a fuzz target without a fuzzer, so that every compiler's test run can:
 * replays files, or all files of directories; or makes up N inputs from a seed, by mutating those files
 * when some are given and of random bytes otherwise.
 *
 *     fuzz_event_queue corpus/event_queue
 *     fuzz_event_queue --random 1000 7 [corpus/event_queue]
 *
 * A target reports a finding by aborting; the input's name is then printed. Input "random 12" of a seed
 * is the same everywhere.
 */
#include "sim/rng.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20, RANDOM_BYTES_MAX = 2048, MUTATIONS_MAX = 8, FILES_MAX = 4096 };

struct file {
    uint8_t *bytes;
    size_t size;
    char *name;
};

static struct file files[FILES_MAX];
static size_t file_count;
static char running[512];

static void *checked(void *memory)
{
    if (!memory)
        sim_die("out of memory");
    return memory;
}

static void name_input(int signal_number)
{
    (void)signal_number;
    /* Nothing but write() may be used here; a failing one cannot be reported anyway. */
    ssize_t written = write(STDERR_FILENO, running, strlen(running));
    (void)written;
}

static void run(const char *name, const uint8_t *bytes, size_t size)
{
    /* A copy of exactly this size, so that a sanitizer sees reads past the end. */
    uint8_t *copy = checked(malloc(size ? size : 1));
    if (size)
        memcpy(copy, bytes, size);
    snprintf(running, sizeof running, "input: %s\n", name);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* ---- files ---- */

static void load_file(const char *path)
{
    static uint8_t buffer[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    if (!f || file_count == FILES_MAX)
        sim_die(path);
    struct file *file = &files[file_count++];
    file->size = fread(buffer, 1, sizeof buffer, f);
    fclose(f);
    file->name = checked(strdup(path));
    file->bytes = checked(malloc(file->size ? file->size : 1));
    memcpy(file->bytes, buffer, file->size);
}

static int by_name(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void load(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        load_file(path);
        return;
    }
    size_t before = file_count;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char name[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        load_file(name);
    }
    closedir(dir);
    qsort(files + before, file_count - before, sizeof files[0], by_name);
}

/* ---- made-up inputs ---- */

struct draws {
    uint64_t seed, input, counter;
};

static uint64_t draw(struct draws *d, uint64_t bound)
{
    return rng_below(rng_draw(d->seed, 0, (uint32_t)d->input, d->counter++), bound);
}

static size_t random_bytes(struct draws *d, uint8_t *to)
{
    size_t size = draw(d, RANDOM_BYTES_MAX);
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)draw(d, 256);
    return size;
}

/* Changes a byte, or removes, repeats or borrows a piece. */
static size_t mutate_once(struct draws *d, uint8_t *bytes, size_t size)
{
    size_t at = draw(d, size + 1), n = 1 + draw(d, 16);
    const struct file *other = &files[draw(d, file_count)];
    switch (draw(d, 5)) {
    case 0:
        if (at < size)
            bytes[at] = (uint8_t)draw(d, 256);
        return size;
    case 1:
        if (at < size)
            bytes[at] ^= (uint8_t)(1u << draw(d, 8));
        return size;
    case 2: /* remove */
        n = n < size - at ? n : size - at;
        memmove(bytes + at, bytes + at + n, size - at - n);
        return size - n;
    case 3: /* repeat */
        n = n < size - at ? n : size - at;
        memmove(bytes + at + n, bytes + at, size - at);
        return size + n;
    default: /* borrow */
        n = n < other->size ? n : other->size;
        memmove(bytes + at + n, bytes + at, size - at);
        memcpy(bytes + at, other->bytes + draw(d, other->size - n + 1), n);
        return size + n;
    }
}

static size_t mutate(struct draws *d, uint8_t *to)
{
    const struct file *from = &files[draw(d, file_count)];
    size_t size = from->size;
    memcpy(to, from->bytes, size);
    for (uint64_t left = 1 + draw(d, MUTATIONS_MAX); left > 0; left--)
        size = mutate_once(d, to, size);
    return size;
}

static void run_random(uint64_t count, uint64_t seed)
{
    static uint8_t bytes[INPUT_MAX + 16 * (MUTATIONS_MAX + 1)];
    for (uint64_t i = 0; i < count; i++) {
        struct draws d = {.seed = seed, .input = i};
        size_t size = file_count ? mutate(&d, bytes) : random_bytes(&d, bytes);
        char name[64];
        snprintf(name, sizeof name, "random %" PRIu64 " of seed %" PRIu64, i, seed);
        run(name, bytes, size);
    }
}

int main(int argc, char **argv)
{
    bool random = argc >= 4 && strcmp(argv[1], "--random") == 0;
    for (int i = random ? 4 : 1; i < argc; i++)
        load(argv[i]);
    signal(SIGABRT, name_input);

    uint64_t count = file_count;
    if (random) {
        count = strtoull(argv[2], NULL, 10);
        run_random(count, strtoull(argv[3], NULL, 10));
    } else {
        for (size_t i = 0; i < file_count; i++)
            run(files[i].name, files[i].bytes, files[i].size);
    }
    printf("%" PRIu64 " inputs, nothing found\n", count);
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].bytes);
        free(files[i].name);
    }
    return 0;
}
