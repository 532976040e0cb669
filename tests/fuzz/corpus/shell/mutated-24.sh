seq 5 | tail -n +3; seq 5 | tai5 | tail -n +0; seq 5 |4; seq 5 | tail -n +9
