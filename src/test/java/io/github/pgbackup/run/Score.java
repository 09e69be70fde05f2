package io.github.pgbackup.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Counts the damaged backups that were noticed, by kind. */
final class Score {

    private static final int AT_A_TIME = 2;

    private final String title;
    private final Map<String, int[]> noticedOfMade = new TreeMap<>();

    Score(String title) {
        this.title = title;
    }

    synchronized void count(String kind, boolean noticed) {
        int[] score = noticedOfMade.computeIfAbsent(kind, unknown -> new int[2]);
        score[0] += noticed ? 1 : 0;
        score[1]++;
    }

    synchronized void print() {
        System.out.println(title + ", noticed of made:");
        noticedOfMade.forEach((kind, score) -> System.out.printf("  %-40s %4d of %4d%n", kind, score[0], score[1]));
    }

    /** Runs the verifications, which mostly wait for other processes, and collects their complaints. */
    static List<String> complaints(List<Callable<List<String>>> verifications) throws Exception {
        List<String> complaints = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            for (Future<List<String>> verification : pool.invokeAll(verifications)) {
                complaints.addAll(verification.get());
            }
        } finally {
            pool.shutdown();
        }
        return complaints;
    }
}
