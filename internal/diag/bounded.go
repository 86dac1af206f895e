package diag

// Bounded collects errors, so many at most, and counts the others: what a hostile file has wrong may be without end.
type Bounded struct {
	Most  int  // that Errorf adds
	Found List // those that are listed
	more  int
}

// Errorf is List.Errorf of Found; with Most there already, the error is only counted.
func (b *Bounded) Errorf(id, subject, format string, args ...any) {
	if len(b.Found) >= b.Most {
		b.more++
		return
	}
	b.Found.Errorf(id, subject, format, args...)
}

// Err returns Found as an error, as List.Err does; where there were more, an error with this ID and subject at its end says how
// many.
func (b *Bounded) Err(id, subject string) error {
	if b.more > 0 {
		b.Found.Errorf(id, subject, "%d more problems are not listed", b.more)
		b.more = 0
	}
	return b.Found.Err()
}
