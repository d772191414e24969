// An inline function that an object for one ISA defines: what check.cmake must find.
inline int planted(int x) {
    return x + 1;
}

using Function = int (*)(int);
extern const Function kPlanted;
const Function kPlanted = planted;
