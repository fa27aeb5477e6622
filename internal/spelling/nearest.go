package spelling

// tooLong is how many bytes a name may have at most to be compared.
const tooLong = 64

// Nearest is the known name that was meant by a wrong one, the first by the alphabet of several; "" where none shares
// most of its letters: more than two differences, and more than a quarter of its length, are another name.
func Nearest(name string, known []string) string {
	best, least := "", max(2, len(name)/4)+1
	for _, k := range known {
		if len(name) > tooLong || len(k) > tooLong {
			continue
		}
		if far := Distance(name, k); far < least || far == least && best != "" && k < best {
			best, least = k, far
		}
	}
	return best
}
