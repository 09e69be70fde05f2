package io.github.pgbackup.mojo;

import org.fusesource.jansi.Ansi;

/**
 * Colours as Maven has them, and only where it has them ({@code -Dstyle.color}, {@code -B}, no terminal): of its
 * implementation, from 3.6.3 on, plugins see Jansi's one class, which knows that switch and in Maven 4 stands for JLine.
 */
enum Style {
    STRONG,
    SUCCESS,
    FAILURE;

    /** The text, which is not to come from outside, as it is styled. */
    String of(String text) {
        try {
            Ansi bold = Ansi.ansi().bold();
            Ansi styled = switch (this) {
                case STRONG -> bold;
                case SUCCESS -> bold.fgGreen();
                case FAILURE -> bold.fgRed();
            };
            return styled.a(text).reset().toString();
        } catch (LinkageError e) {
            // A Maven to come may show no such class: no colours then.
            return text;
        }
    }
}
