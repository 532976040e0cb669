/* empty.c - the floor that bench_startup measures against: a program that does nothing. */
int main(void) { return 0; }
