-- A customer is saved when the transaction commits, after the orders: once for all of them, and in one order.
alter table orders alter constraint orders_customer_id_fkey deferrable initially deferred;
