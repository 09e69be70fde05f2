package io.github.pgbackup.plan;

import java.util.ArrayList;
import java.util.List;

/** A command line without a shell: words separated by blanks; single or double quotes enclose words with blanks. */
final class Words {

    private Words() {}

    /**
     * Splits a command line. Only quotes are special: backslashes, variables and pipes are not.
     *
     * @throws IllegalArgumentException when a quote is not closed, or when there is no word
     */
    static List<String> of(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char letter = line.charAt(i);
            if (quote != 0) {
                if (letter == quote) {
                    quote = 0;
                } else {
                    word.append(letter);
                }
            } else if (letter == '\'' || letter == '"') {
                quote = letter;
                inWord = true;
            } else if (!Character.isWhitespace(letter)) {
                word.append(letter);
                inWord = true;
            } else if (inWord) {
                words.add(word.toString());
                word.setLength(0);
                inWord = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote (" + quote + ") is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        if (words.isEmpty() || words.get(0).isEmpty()) {
            throw new IllegalArgumentException("expected a program and its arguments");
        }
        return words;
    }
}
