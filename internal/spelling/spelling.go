// Package spelling compares names, so that who mistypes one is told which was meant.
package spelling

// Distance is how many letters have to be put in, left out or exchanged to make one name of another
// (Levenshtein), in bytes. It takes time by the product of their lengths: bound them.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
