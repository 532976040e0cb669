/* test_replace_file.c - a file is replaced whole or not at all: modes, links, full disks, interrupts. */
#include "tools/replace_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static char directory[] = "replace-file-XXXXXX";

static const char *at(const char *name)
{
    static char path[2][256];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", directory, name);
    return path[turn];
}

static const char *content(const char *path)
{
    static char text[256];
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* Files of the directory, so that a temporary file that is left is seen. */
static int64_t files(void)
{
    int64_t count = 0;
    DIR *dir = opendir(directory);
    for (const struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return count;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return;
    fputs(text, f);
    fclose(f);
}

/* 0 = replaced; else the complaint is kept. */
static struct strbuf complaint = STRBUF_INIT;
static int replace(const char *path, const char *text)
{
    strbuf_reset(&complaint);
    return replace_file(path, text, strlen(text), &complaint);
}

static void a_new_file_is_written(void)
{
    CHECK_INT(replace(at("new"), "text\n"), 0);
    CHECK_STR(content(at("new")), "text\n");
    CHECK_INT(files(), 1);
    unlink(at("new"));
}

static void mode_is_kept(void)
{
    struct stat st = {0};
    put(at("f"), "old");
    chmod(at("f"), 0640);
    CHECK_INT(replace(at("f"), "new"), 0);
    stat(at("f"), &st);
    CHECK_INT(st.st_mode & 07777, 0640);
    CHECK_STR(content(at("f")), "new");
    unlink(at("f"));
}

static void a_link_stays_a_link(void)
{
    struct stat st = {0};
    put(at("target"), "old");
    CHECK_INT(symlink("target", at("link")), 0);
    CHECK_INT(replace(at("link"), "new"), 0);
    lstat(at("link"), &st);
    CHECK(S_ISLNK(st.st_mode));
    CHECK_STR(content(at("target")), "new");
    unlink(at("link"));
    unlink(at("target"));
}

/* A file size limit fails a write as a full disk does, after a part of it. */
static void a_full_disk_loses_nothing(void)
{
    static char large[100000];
    struct rlimit before, small;
    memset(large, 'x', sizeof large - 1);
    put(at("f"), "old");
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int result = replace(at("f"), large);
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK_INT(result, -1);
    CHECK_CONTAINS(strbuf_str(&complaint), "/f: cannot be written: File too large");
    CHECK_STR(content(at("f")), "old");
    CHECK_INT(files(), 1);
    unlink(at("f"));
}

static void a_directory_that_is_not_there_is_said(void)
{
    CHECK_INT(replace(at("none/f"), "text"), -1);
    CHECK_CONTAINS(strbuf_str(&complaint), "none/f: cannot be written: No such file or directory");
}

static void a_directory_is_not_replaced(void)
{
    mkdir(at("d"), 0777);
    CHECK_INT(replace(at("d"), "text"), -1);
    CHECK_CONTAINS(strbuf_str(&complaint), "/d: cannot be written: ");
    CHECK_INT(files(), 1);
    rmdir(at("d"));
}

static _Noreturn void replace_for_ever(void)
{
    static char text[20000];
    for (unsigned i = 0;; i++) {
        memset(text, 'a' + (int)(i % 26), sizeof text);
        if (replace_file(at("f"), text, sizeof text, &complaint) < 0)
            _exit(1);
    }
}

/* Whenever SIGTERM comes, the file is one of those that were written, and nothing else is left. */
static void interrupts_lose_nothing(void)
{
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        if (pid == 0)
            replace_for_ever();
        while (access(at("f"), F_OK) != 0)
            usleep(100);
        usleep((useconds_t)(i * 300));
        kill(pid, SIGTERM);
        int status = 0;
        waitpid(pid, &status, 0);
        struct stat st = {0};
        stat(at("f"), &st);
        CHECK(WIFSIGNALED(status));
        CHECK_INT(st.st_size, 20000);
        CHECK_INT(files(), 1);
        unlink(at("f"));
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_new_file_is_written),
        TAP_TEST(mode_is_kept),
        TAP_TEST(a_link_stays_a_link),
        TAP_TEST(a_full_disk_loses_nothing),
        TAP_TEST(a_directory_that_is_not_there_is_said),
        TAP_TEST(a_directory_is_not_replaced),
        TAP_TEST(interrupts_lose_nothing),
    };
    if (!mkdtemp(directory))
        return 99;
    int failed = tap_run(tests, ARRAY_LEN(tests));
    strbuf_fini(&complaint);
    rmdir(directory);
    return failed;
}
