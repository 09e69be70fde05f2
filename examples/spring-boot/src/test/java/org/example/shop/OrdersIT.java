package org.example.shop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Runs against the restored database, after Flyway has migrated it. */
@SpringBootTest
class OrdersIT {

    @Autowired
    private JdbcClient database;

    @Test
    void production_s_orders_can_have_a_note() {
        int changed = database.sql("UPDATE orders SET note = 'seen'").update();

        assertThat(changed).isPositive();
    }
}
