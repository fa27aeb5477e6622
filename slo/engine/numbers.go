package engine

// numbers gives small numbers to keys, and uses those again that nobody needs
// any longer, so that slices that they index stay as long as what is alive.
type numbers struct {
	of   map[string]int
	uses []int // by number
	free []int
}

func newNumbers() numbers { return numbers{of: map[string]int{}} }

// take returns the key's number, and counts one use of it more.
func (n *numbers) take(key string) int {
	i, ok := n.of[key]
	if !ok {
		if last := len(n.free) - 1; last >= 0 {
			i, n.free = n.free[last], n.free[:last]
		} else {
			i, n.uses = len(n.uses), append(n.uses, 0)
		}
		n.of[key] = i
	}
	n.uses[i]++
	return i
}

// leave counts one use less. It returns the number when that was the last one,
// else −1.
func (n *numbers) leave(key string) int {
	i, ok := n.of[key]
	if !ok {
		return -1
	}
	if n.uses[i]--; n.uses[i] > 0 {
		return -1
	}
	delete(n.of, key)
	n.free = append(n.free, i)
	return i
}
