package config

import (
	"slices"
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
	var all []string
	for _, leaf := range k.Model.Leaves(true) {
		command := strings.TrimPrefix(leaf.FullPath(), "perennial ")
		all = append(all, command)
		for _, f := range leaf.Flags {
			rows = addFlag(rows, command, f)
		}
	}
	var b strings.Builder
	b.WriteString("| flag | variable | default | meaning | commands |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		b.WriteString("| `--" + r.flag.Name + "` | " + code(strings.Join(r.flag.Envs, " ")) + " | " + code(r.flag.Default) +
			" | " + strings.ReplaceAll(r.flag.Help, "|", `\|`) + " | " + r.where(all) + " |\n")
	}
	return b.String(), nil
}

// row is a flag that means the same in several commands.
type row struct {
	flag     *kong.Flag
	commands []string
}

// where says which of all commands have the flag, or which have not if those are fewer.
func (r *row) where(all []string) string {
	others := slices.DeleteFunc(slices.Clone(all), func(c string) bool { return slices.Contains(r.commands, c) })
	if len(others) < len(r.commands) {
		return "all but " + strings.Join(others, ", ")
	}
	return strings.Join(r.commands, ", ")
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
