package config

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Table writes every flag with its variable, its default and the commands that
// take it, as the Markdown table that the README repeats.
func Table() (string, error) {
	k, err := parser(&CLI{})
	if err != nil {
		return "", err
	}
	var rows []*row
	for _, leaf := range k.Model.Leaves(true) {
		for _, f := range leaf.Flags {
			rows = addFlag(rows, strings.TrimPrefix(leaf.FullPath(), "perennial "), f)
		}
	}
	var b strings.Builder
	b.WriteString("| flag | variable | default | meaning | commands |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		b.WriteString("| `--" + r.flag.Name + "` | " + code(strings.Join(r.flag.Envs, " ")) + " | " + code(r.flag.Default) +
			" | " + strings.ReplaceAll(r.flag.Help, "|", `\|`) + " | " + strings.Join(r.commands, ", ") + " |\n")
	}
	return b.String(), nil
}

// row is a flag that means the same in several commands.
type row struct {
	flag     *kong.Flag
	commands []string
}

func addFlag(rows []*row, command string, f *kong.Flag) []*row {
	if f.Name == "help" {
		return rows
	}
	for _, r := range rows {
		if r.flag.Name == f.Name && r.flag.Help == f.Help && r.flag.Default == f.Default {
			r.commands = append(r.commands, command)
			return rows
		}
	}
	return append(rows, &row{flag: f, commands: []string{command}})
}

func code(text string) string {
	if text == "" {
		return "–"
	}
	return "`" + text + "`"
}
