package engine

// places gives out small numbers, and uses those again that nobody needs any
// longer, so that slices that they index stay as long as what is alive.
type places struct {
	size int32
	free []int32
}

func (p *places) take() int32 {
	if last := len(p.free) - 1; last >= 0 {
		i := p.free[last]
		p.free = p.free[:last]
		return i
	}
	p.size++
	return p.size - 1
}

func (p *places) leave(i int32) { p.free = append(p.free, i) }

// numbers gives places to keys.
type numbers[K comparable] struct {
	places

	of   map[K]int32
	uses []int32 // by number
}

func newNumbers[K comparable]() numbers[K] { return numbers[K]{of: map[K]int32{}} }

// take returns the key's number, and counts one use of it more.
func (n *numbers[K]) take(key K) int32 {
	i, ok := n.of[key]
	if !ok {
		i = n.places.take()
		n.uses = grow(n.uses, int(i))
		n.of[key] = i
	}
	n.uses[i]++
	return i
}

// leave counts one use less. It returns the number when that was the last one,
// else −1.
func (n *numbers[K]) leave(key K) int {
	i, ok := n.of[key]
	if !ok {
		return -1
	}
	if n.uses[i]--; n.uses[i] > 0 {
		return -1
	}
	delete(n.of, key)
	n.places.leave(i)
	return int(i)
}
