package peak

import "testing"

// TestMemory takes 64 MiB and gives them up again: the peak keeps them.
func TestMemory(t *testing.T) {
	before, err := Memory()
	if err != nil {
		t.Skipf("not measured here: %v", err)
	}
	const size = 64 << 20
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i)
	}
	if b[size-1] != 255 {
		t.Fatal("the memory was not written")
	}
	after, err := Memory()
	if err != nil || before < 1<<20 || after < size {
		t.Errorf("peak %d, then %d (%v), want at least 1 MiB, then at least %d", before, after, err, size)
	}
}
