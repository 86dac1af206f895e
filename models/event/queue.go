// Package event simulates networks without a time step: what happens is a queue of events, and between two of them a neuron's
// state is known in closed form.
package event

import "container/heap"

// Queue hands out values by their time; of equal times, the one that was pushed first. Its zero value is empty.
type Queue[T any] struct {
	items items[T]
	next  uint64
}

// Push adds a value.
func (q *Queue[T]) Push(time float64, value T) {
	heap.Push(&q.items, item[T]{time, q.next, value})
	q.next++
}

// Pop removes the first value and returns it with its time; ok is false where there is none.
func (q *Queue[T]) Pop() (time float64, value T, ok bool) {
	if len(q.items) == 0 {
		return 0, value, false
	}
	i := heap.Pop(&q.items).(item[T])
	return i.time, i.value, true
}

// Peek returns what Pop would.
func (q *Queue[T]) Peek() (time float64, value T, ok bool) {
	if len(q.items) == 0 {
		return 0, value, false
	}
	return q.items[0].time, q.items[0].value, true
}

// Len is how many values wait.
func (q *Queue[T]) Len() int { return len(q.items) }

// item is a value with its key.
type item[T any] struct {
	time   float64
	number uint64 // of the push
	value  T
}

// items are a heap by time, then number.
type items[T any] []item[T]

func (h items[T]) Len() int { return len(h) }
func (h items[T]) Less(i, j int) bool {
	return h[i].time < h[j].time || h[i].time == h[j].time && h[i].number < h[j].number
}
func (h items[T]) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *items[T]) Push(x any)   { *h = append(*h, x.(item[T])) }
func (h *items[T]) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
