package yamlconf

import (
	"fmt"
	"os"
)

// ReadFile reads a configuration. It has to be a regular file: a pipe would be waited for, and has nothing for who reads it next.
func ReadFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file, and is not read; write what it says into a file", path)
	}
	return os.ReadFile(path)
}
