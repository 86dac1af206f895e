package spelling

import "fmt"

// Count words a number of things whose name takes an s where there is not one of them: "1 core", "0 cores".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
