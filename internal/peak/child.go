package peak

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// line is how the last line of a child process starts.
const line = "peak memory of the child: "

// Main is the TestMain of a package whose tests look at files apart: it runs the tests, or as their child process, which the variable
// of the environment tells by the path of a file, look alone. What look prints, Apart returns.
func Main(m *testing.M, variable string, look func(path string)) {
	path, child := os.LookupEnv(variable)
	if !child {
		os.Exit(m.Run())
	}
	look(path)
	most, err := Memory()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%s%d\n", line, most)
}

// Apart looks at a file in a process of its own, whose peak of memory in bytes is then that of looking alone, and returns what was
// printed. It skips the test where that cannot be measured.
func Apart(t testing.TB, variable, path string) (said string, most int64) {
	t.Helper()
	if testing.Short() {
		t.Skip("short runs may be those of the race detector, which takes memory of its own")
	}
	if _, err := Memory(); err != nil {
		t.Skipf("peak memory cannot be measured here: %v", err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the process that looked at the file failed: %v\n%s", err, out)
	}
	said, last, found := strings.Cut(string(out), line)
	if most, err = strconv.ParseInt(strings.TrimSpace(last), 10, 64); !found || err != nil {
		t.Fatalf("the process that looked at the file printed %q", out)
	}
	return said, most
}

// Allowed is what reading a model's files of so many bytes together may take.
func Allowed(files int64) int64 { return 4*files + 256<<20 }
